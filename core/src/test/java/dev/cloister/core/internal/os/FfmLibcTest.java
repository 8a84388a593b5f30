package dev.cloister.core.internal.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.NativeCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The real calls, judged by what the kernel itself shows below /proc/self. */
@EnabledOnOs(OS.LINUX)
final class FfmLibcTest {
  private static final byte[] SECRET = "a key of thirty-two bytes, exact".getBytes(UTF_8);

  private final Libc libc = new FfmLibc();
  private final OperatingSystem system = new Linux(libc);

  static boolean hasSecretMemory() {
    try {
      new Linux(new FfmLibc()).secretPages(1).close();
      return true;
    } catch (NativeCallException _) {
      return false;
    }
  }

  /** Reads as a debugger would, by Java's own means. */
  private static byte[] readThroughProc(MemorySegment memory) throws IOException {
    var bytes = ByteBuffer.allocate(SECRET.length);
    try (var channel = FileChannel.open(Path.of("/proc/self/mem"))) {
      channel.read(bytes, memory.address());
    }
    return bytes.array();
  }

  private static void write(MemorySegment memory) {
    MemorySegment.copy(SECRET, 0, memory, ValueLayout.JAVA_BYTE, 0, SECRET.length);
  }

  /** Tells what the kernel says of the mapping at an address: the line and its VmFlags. */
  private static String mapping(long address) throws IOException {
    var found = new StringBuilder();
    var inside = false;
    for (var line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        var ends = line.substring(0, line.indexOf(' ')).split("-", -1);
        inside =
            Long.parseUnsignedLong(ends[0], 16) <= address
                && address < Long.parseUnsignedLong(ends[1], 16);
      }
      if (inside && (found.isEmpty() || line.startsWith("VmFlags:"))) {
        found.append(line).append('\n');
      }
    }
    return found.toString();
  }

  private static void fails(int errno, String symbol, ThrowingCallable call) {
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
        .satisfies(e -> assertThat(e.errnoName()).isEqualTo(symbol));
  }

  @Test
  @EnabledIf("hasSecretMemory")
  void secretPagesCannotBeReadThroughProc() throws IOException {
    try (var pages = system.secretPages(1)) {
      write(pages.memory());
      fails(5, "EIO", () -> system.readAsADebugger(pages));
      assertThatIOException().isThrownBy(() -> readThroughProc(pages.memory()));
      assertThat(pages.memory().asSlice(0, SECRET.length).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(SECRET);
      assertThat(mapping(pages.memory().address())).contains("secretmem");
    }
  }

  @Test
  void lockedPagesAreLockedUndumpedAndReadableThroughProc() throws IOException {
    try (var pages = system.lockedPages(1)) {
      write(pages.memory());
      system.readAsADebugger(pages);
      assertThat(readThroughProc(pages.memory())).isEqualTo(SECRET);
      var flags = mapping(pages.memory().address()).split("VmFlags:", -1)[1].strip().split(" ", -1);
      assertThat(flags).contains("lo", "dd");
    }
  }

  @Test
  void touchingPagesAfterTheirEndThrowsAndTheProcessLivesOn() {
    var pages = system.lockedPages(1 << 20);
    var memory = pages.memory();
    var slice = memory.asSlice(4096, 32);
    pages.close();
    pages.close();
    assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
    assertThatIllegalStateException().isThrownBy(() -> slice.fill((byte) 1));
  }

  @Test
  @EnabledIf("hasSecretMemory")
  void closedPagesAreUnmapped() throws IOException {
    var pages = system.secretPages(1);
    var address = pages.memory().address();
    assertThat(mapping(address)).contains("secretmem");
    pages.close();
    assertThat(mapping(address)).doesNotContain("secretmem");
  }

  @Test
  void pagesLeaveNoDescriptorBehind() throws IOException {
    var before = descriptors();
    for (var i = 0; i < 20; i++) {
      try (var pages = hasSecretMemory() ? system.secretPages(1) : system.lockedPages(1)) {
        try {
          system.readAsADebugger(pages);
        } catch (NativeCallException e) {
          assertThat(e.call()).isEqualTo("pread");
        }
      }
    }
    assertThat(descriptors()).isLessThan(before + 10);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  @Test
  void everyCallThatFailsTellsItsOwnErrno() {
    try (var arena = Arena.ofConfined()) {
      fails(9, "EBADF", () -> libc.close(-1));
      fails(9, "EBADF", () -> libc.ftruncate(-1, 1));
      fails(9, "EBADF", () -> libc.readAt(-1, 0, 1));
      fails(9, "EBADF", () -> libc.mapShared(arena, -1, 4096));
      fails(22, "EINVAL", () -> libc.mapAnonymous(arena, 0));
      fails(22, "EINVAL", () -> libc.unmap(1, 4096));
      var gone = libc.mapAnonymous(arena, 4096);
      libc.unmap(gone.address(), 4096);
      fails(12, "ENOMEM", () -> libc.mlock(gone));
      fails(22, "EINVAL", () -> libc.dontDump(gone.asSlice(1)));
      fails(2, "ENOENT", () -> libc.openToRead("/no/such/file"));
    }
  }

  @Test
  void noThreadSeesTheErrnoOfAnother() throws InterruptedException, ExecutionException {
    try (var executor = Executors.newFixedThreadPool(2)) {
      var both =
          executor.invokeAll(
              Arrays.<Callable<Boolean>>asList(
                  () -> alwaysFailsWith(9, () -> libc.close(-1)),
                  () -> alwaysFailsWith(2, () -> libc.openToRead("/no/such/file"))));
      for (var each : both) {
        assertThat(each.get()).isTrue();
      }
    }
  }

  private static boolean alwaysFailsWith(int errno, Runnable call) {
    for (var i = 0; i < 2000; i++) {
      try {
        call.run();
        return false;
      } catch (NativeCallException e) {
        if (e.errno() != errno) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void theCoreLimitIsTheOneThatTheKernelShows() throws IOException {
    var soft =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max core file size"))
            .map(line -> line.split("\\s{2,}", -1)[1])
            .findFirst()
            .orElseThrow();
    assertThat(system.coreLimitBytes())
        .isEqualTo(soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft));
  }

  @Test
  void aJavaProcessStartsDumpable() {
    assertThat(libc.dumpable()).isEqualTo(1);
    assertThat(system.dumpable()).isTrue();
  }
}
