package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.confine.ChildLimits.Resource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a guest gets, and what is left of its spawn in this process: nothing. */
@RequiresProgram(value = "python3", root = true)
final class ConfinedSpawnTest {
  private static final String STATUS = "print(open('/proc/self/status').read())";

  private final FunctionIdentities identities = FunctionIdentities.standard();

  /** Names the threads of this process that live under a filter, or as another user. */
  private static List<String> restrictedThreads() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      return threads
          .map(thread -> thread.resolve("status"))
          .filter(Files::exists)
          .map(ConfinedSpawnTest::read)
          .filter(status -> !status.contains("Seccomp:\t0") || !status.contains("Uid:\t0\t0\t0"))
          .map(status -> status.lines().findFirst().orElse(""))
          .toList();
    }
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException _) {
      return "Seccomp:\t0 Uid:\t0\t0\t0, ended meanwhile";
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  @Test
  void theGuestHasAUserOfItsOwnAndNoCapability() throws IOException, InterruptedException {
    try (var own = identities.lend()) {
      var rules = Guest.files().with(FileRules.Access.READ, Path.of("/proc"));
      var guest = Guest.confined(STATUS, Guest.filter(), s -> s.files(rules).identity(own));
      var id = own.id();
      assertThat(guest.output())
          .as(guest.error())
          .contains("Uid:\t" + (id + "\t").repeat(3) + id, "Gid:\t" + (id + "\t").repeat(3) + id)
          .contains("Groups:\t \n", "NoNewPrivs:\t1", "Seccomp:\t2")
          .containsPattern("CapInh:\t0+\nCapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\nCapAmb:\t0+\n");
    }
  }

  @Test
  void afterASpawnThisProcessIsAsFreeAsBefore() throws IOException, InterruptedException {
    var open = descriptors();
    try (var own = identities.lend()) {
      Guest.confined("pass", Guest.filter(), s -> s.files(Guest.files()).identity(own));
    }
    assertThat(restrictedThreads()).isEmpty();
    assertThat(OperatingSystem.current().dumpable()).isTrue();
    assertThat(descriptors()).isEqualTo(open);
    assertThat(Files.readString(Path.of("/etc/shadow"))).isNotEmpty();
    assertThat(new ProcessBuilder("/bin/true").start().waitFor()).isZero();
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      assertThat(client.isConnected()).isTrue();
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("spawn"));
  }

  @Test
  void manySpawnsAtOnceLeaveThisProcessAsItWas() throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = executor.invokeAll(Collections.nCopies(8, this::ranAsAUserOfItsOwn));
      for (var each : all) {
        assertThat(each.get()).isEqualTo("ran");
      }
    }
    assertThat(OperatingSystem.current().dumpable()).isTrue();
    assertThat(restrictedThreads()).isEmpty();
  }

  private String ranAsAUserOfItsOwn() throws IOException, InterruptedException {
    try (var own = identities.lend()) {
      var files = Guest.files();
      return Guest.confined("print('ran')", Guest.filter(), s -> s.files(files).identity(own))
          .output();
    }
  }

  @Test
  void whileTheGuestRunsNoThreadOfThisProcessIsRestricted() throws IOException {
    try (var own = identities.lend();
        var child = Guest.spawn(Guest.filter(), "input()").identity(own).start(Guest.THREADS)) {
      assertThat(child.process().isAlive()).isTrue();
      assertThat(restrictedThreads()).isEmpty();
    }
  }

  @Test
  void itsInputHasRoomForAPageUntilItIsFullOrClosed() throws IOException {
    try (var own = identities.lend();
        var child = Guest.spawn(Guest.filter(), "input()").identity(own).start(Guest.THREADS)) {
      assertThat(child.hasRoom(4096)).isTrue();
      assertThat(child.hasRoom(4097)).isFalse();
      child.process().getOutputStream().close();
      assertThat(child.hasRoom(1)).isFalse();
    }
  }

  @Test
  void theGuestHasThreeDescriptorsAndTheGivenEnvironment()
      throws IOException, InterruptedException {
    var rules = Guest.files().with(FileRules.Access.READ, Path.of("/proc"));
    var code = "import os; print(sorted(os.listdir('/proc/self/fd')), sorted(os.environ.items()))";
    // Left to a child by this process, were it not closed on the way.
    var leaky = new ProcessBuilder("/bin/sh", "-c", "ls /proc/self/fd | wc -l").start();
    assertThat(leaky.waitFor()).isZero();
    var guest = Guest.confined(code, Guest.filter(), s -> s.files(rules));
    // The fourth is the listing's own.
    assertThat(guest.output())
        .isEqualTo("['0', '1', '2', '3'] " + "[('HOME', '/'), ('LC_ALL', 'C.UTF-8')]")
        .as(guest.error());
  }

  @Test
  void whatTheListNamesIsEnoughForThePlainStart() throws IOException, InterruptedException {
    var guest =
        Guest.confined(
            """
            import json, hashlib, zlib, gzip, threading, time, random, decimal, urllib.parse
            hashlib.sha256(zlib.compress(gzip.compress(json.dumps([1]).encode()))).hexdigest()
            threads = [threading.Thread(target=time.sleep, args=(0.001,)) for _ in range(4)]
            [t.start() for t in threads]; [t.join() for t in threads]
            random.random(); decimal.Decimal(1) / 3; urllib.parse.urlparse('http://a/b?c')
            large = bytearray(64 << 20); large[::4096] = b'x' * len(large[::4096]); del large
            import asyncio; asyncio.run(asyncio.sleep(0.001))
            import ctypes; ctypes.CDLL(None).prctl(1, 9)
            print('done')
            """);
    assertThat(guest.output()).as(guest.error()).isEqualTo("done");
    assertThat(guest.denied()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ADDRESS_BYTES | 209715200 | x = bytearray(400 << 20) | 1 | MemoryError",
        "OPEN_FILES    | 8         | x = [open('/dev/null') for _ in range(20)] | 1 | Too many"
            + " open",
        "CPU_SECONDS   | 1         | while True: pass | 137 | ",
        "DATA_BYTES    | 209715200 | x = bytearray(400 << 20) | 1 | MemoryError",
      })
  void aLimitHolds(String resource, long value, String code, int exit, String error)
      throws IOException, InterruptedException {
    try (var own = identities.lend()) {
      var limits = ChildLimits.none().with(Resource.valueOf(resource), value);
      var guest =
          Guest.confined(
              code, Guest.filter(), s -> s.files(Guest.files()).identity(own).limits(limits));
      assertThat(guest.exit()).as(guest.error()).isEqualTo(exit);
      if (error != null) {
        assertThat(guest.error()).contains(error);
      }
    }
  }

  @Test
  void theHookRunsOnTheThreadWhoseChildTheGuestIs() throws IOException, InterruptedException {
    var seen = new AtomicReference<String>();
    var code = "pass";
    Guest.confined(
        code,
        Guest.filter(),
        s ->
            s.before(
                tid -> seen.set(Files.readString(Path.of("/proc/self/task/" + tid + "/comm")))));
    assertThat(seen.get()).isEqualTo("spawn\n");
  }

  @Test
  void aHookThatFailsStartsNothingAndLeavesNothing() throws IOException {
    var open = descriptors();
    var spawn =
        Guest.spawn(Guest.filter(), "pass")
            .files(Guest.files())
            .before(_ -> {
              throw new IOException("no such cgroup");
            });
    assertThatIOException()
        .isThrownBy(() -> spawn.start(Guest.THREADS))
        .withMessage("no such cgroup");
    assertThat(descriptors()).isEqualTo(open);
    assertThat(ProcessHandle.current().children()).isEmpty();
  }

  @Test
  void aProgramThatIsNotThereIsNamedWithCallAndErrno() throws IOException {
    var open = descriptors();
    var spawn = ConfinedSpawn.of(List.of("/no/such/program"), Guest.filter());
    assertThatIOException()
        .isThrownBy(() -> spawn.start(Guest.THREADS))
        .withMessageContainingAll("/no/such/program", "posix_spawn failed: ENOENT");
    assertThat(descriptors()).isEqualTo(open);
  }

  @Test
  void aDirectoryThatItsUserMayNotEnterIsSaid(@TempDir Path directory) throws IOException {
    var program = Files.copy(Path.of("/bin/true"), directory.resolve("program"));
    try (var own = identities.lend()) {
      var spawn = ConfinedSpawn.of(List.of(program.toString()), Guest.filter()).identity(own);
      assertThatIOException()
          .isThrownBy(() -> spawn.start(Guest.THREADS))
          .withMessageContainingAll("posix_spawn failed: EACCES", "uid " + own.id());
    }
    assertThat(restrictedThreads()).isEmpty();
  }

  @Test
  void aRuleForAPathThatIsNotThereFailsTheSpawn() throws IOException {
    var open = descriptors();
    var rules = Guest.files().with(FileRules.Access.READ, Path.of("/no/such/path"));
    var spawn = Guest.spawn(Guest.filter(), "pass").files(rules);
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> spawn.start(Guest.THREADS))
        .withMessageContaining("/no/such/path");
    assertThat(descriptors()).isEqualTo(open);
  }

  @Test
  void aVirtualThreadCannotBeThrownAway() throws IOException {
    var open = descriptors();
    var spawn = Guest.spawn(Guest.filter(), "pass");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spawn.start(Thread.ofVirtual().factory()))
        .withMessageContaining("platform thread");
    assertThat(descriptors()).isEqualTo(open);
  }

  @Test
  void closingEndsAGuestThatIgnoresEverything() throws IOException {
    var child =
        Guest.spawn(Guest.filter(), "import time\nwhile True: time.sleep(1)").start(Guest.THREADS);
    var pid = child.process().pid();
    assertThat(child.process().isAlive()).isTrue();
    child.close();
    child.close();
    assertThat(child.process().exitValue()).isEqualTo(137);
    assertThat(ProcessHandle.of(pid)).isEmpty();
  }

  @Test
  void aWaitEndsWithItsTimeOnAnyKindOfThread() throws Exception {
    try (var child = Guest.spawn(Guest.filter(), "input()").start(Guest.THREADS)) {
      assertThat(child.process().waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
      var seen = new AtomicReference<Integer>();
      var waiting =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  seen.set(child.process().waitFor());
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      child.process().destroyForcibly();
      assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
      assertThat(seen.get()).isEqualTo(137);
      assertThat(child.used().orElseThrow().peakBytes()).isPositive();
    }
  }

  @Test
  void streamsCarryBytesBothWays() throws IOException, InterruptedException {
    try (var child = Guest.spawn(Guest.filter(), "print(input()[::-1])").start(Guest.THREADS)) {
      try (var input = child.process().getOutputStream()) {
        input.write("abc\n".getBytes(UTF_8));
      }
      assertThat(child.awaitOutput(Duration.ofSeconds(30))).isTrue();
      assertThat(child.process().getInputStream().readAllBytes())
          .isEqualTo("cba\n".getBytes(UTF_8));
      assertThat(child.process().waitFor()).isZero();
    }
  }

  @Test
  void whatHoldsIsReported() throws IOException {
    try (var own = identities.lend();
        var child =
            Guest.spawn(Guest.filter(), "pass")
                .files(Guest.files())
                .identity(own)
                .start(Guest.THREADS)) {
      var confinement = child.confinement();
      assertThat(confinement.user()).hasValue(own.id());
      assertThat(confinement.filesConfined()).isEqualTo(confinement.landlockVersion() > 0);
      assertThat(confinement.callsNamed()).isEqualTo(child.calls().names());
    }
  }

  @Test
  void aVariableThatIsNoneIsRefused() {
    var spawn = Guest.spawn(Guest.filter(), "pass");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spawn.environment(Map.of("A=B", "c")))
        .withMessageContaining("A=B");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spawn.environment(Map.of("A", "b\0c")))
        .withMessageContaining("NUL");
  }
}
