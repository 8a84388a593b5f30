package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mount itself: made, shared, closed, and what is left of it. */
@RequiresProgram(value = "python3", root = true)
@Timeout(120)
final class FuseMountTest {
  private static final int SOMEBODY = 1_879_050_001;

  @TempDir private Path directory;
  private Path root;
  private Path place;

  @BeforeEach
  void makeTheRoot() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    place = directory.resolve("a mount");
  }

  private static List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo"));
  }

  /** Of the device, and of files in the root. */
  private List<String> descriptors() throws IOException {
    var found = new ArrayList<String>();
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      for (var each : open.toList()) {
        try {
          found.add(Files.readSymbolicLink(each).toString());
        } catch (IOException _) {
          // It was the one that listed.
        }
      }
    }
    return found.stream()
        .filter(target -> target.contains("fuse") || target.startsWith(directory.toString()))
        .toList();
  }

  private static long servingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("serves-"))
        .count();
  }

  private static Process python(String script, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("/usr/bin/python3", "-c", script));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String said(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
  }

  @Test
  void whatIsWrittenThroughTheMountIsInTheRoot() throws Exception {
    try (var served = Served.at(place, root)) {
      var file = served.place.resolve("hello");
      Files.writeString(file, "world");
      assertThat(root.resolve("hello")).content().isEqualTo("world");
      assertThat(file).content().isEqualTo("world");
      assertThat(served.mount.counts())
          .containsEntry(FuseCounter.BYTES_WRITTEN, 5L)
          .containsEntry(FuseCounter.FAILED, 0L);
    }
  }

  @Test
  void manyMountsLeaveNothing() throws Exception {
    var before = mounts();
    for (var life = 0; life < 20; life++) {
      try (var served = Served.at(place, root)) {
        Files.writeString(served.place.resolve("file"), "life " + life);
      }
      assertThat(place).doesNotExist();
    }
    assertThat(mounts()).isEqualTo(before);
    assertThat(descriptors()).isEmpty();
    assertThat(servingThreads()).isZero();
    assertThat(root.resolve("file")).content().isEqualTo("life 19");
  }

  @Test
  void aMountPointThatWasThereStays() throws Exception {
    Files.createDirectory(place);
    Served.at(place, root).close();
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void nothingIsMountedOverFiles() throws Exception {
    Files.writeString(root.resolve("file"), "would be hidden");
    var before = mounts();
    assertThatExceptionOfType(DirectoryNotEmptyException.class)
        .isThrownBy(() -> FuseMount.of(directory).mountedAt(root));
    assertThat(mounts()).isEqualTo(before);
    assertThat(descriptors()).isEmpty();
  }

  @Test
  void aMountNobodyServedClosesToo() throws Exception {
    FuseMount.of(root).mountedAt(place).close();
    assertThat(place).doesNotExist();
    assertThat(descriptors()).isEmpty();
  }

  @Test
  void afterTheCloseNobodyServes() throws Exception {
    var mount = FuseMount.of(root).mountedAt(place);
    mount.close();
    mount.close();
    mount.serve();
    assertThat(descriptors()).isEmpty();
  }

  @Test
  void itClosesWhileItIsInUseAndTheUserIsToldSo() throws Exception {
    var served = Served.at(place, root);
    var user =
        python(
            """
            import errno, os, sys
            os.chdir(sys.argv[1])
            file = open('busy', 'wb', buffering=0)
            print('on', flush=True)
            try:
                while True:
                    file.write(b'x' * 100000)
            except OSError as ended:
                print(errno.errorcode[ended.errno])
            try:
                os.listdir('.')
            except OSError as ended:
                print(errno.errorcode[ended.errno])
            """,
            served.place.toString());
    assertThat((char) user.getInputStream().read()).isEqualTo('o');
    assertThat((char) user.getInputStream().read()).isEqualTo('n');
    var closing =
        new FutureTask<>(() -> {
          served.close();
          return true;
        });
    Thread.ofPlatform().start(closing);
    assertThat(closing.get()).isTrue();
    assertThat(said(user).lines())
        .hasSize(2)
        .allMatch(List.of("ENOTCONN", "ECONNABORTED")::contains);
    assertThat(place).doesNotExist();
    assertThat(descriptors()).isEmpty();
    assertThat(servingThreads()).isZero();
  }

  @Test
  void unmountedByAnotherItEndsAndClosesAllTheSame() throws Exception {
    try (var served = Served.at(place, root)) {
      Files.writeString(served.place.resolve("file"), "content");
      assertThat(new ProcessBuilder("umount", served.place.toString()).start().waitFor()).isZero();
      served.ended();
    }
    assertThat(place).doesNotExist();
    assertThat(descriptors()).isEmpty();
  }

  @Test
  void anInterruptedThreadGoesOnServing() throws Exception {
    var mount = FuseMount.of(root).mountedAt(place);
    var after =
        new FutureTask<>(() -> {
          mount.serve();
          return Thread.interrupted();
        });
    var thread = Thread.ofPlatform().start(after);
    try (mount) {
      for (var i = 0; i < 50; i++) {
        thread.interrupt();
        Files.writeString(mount.place().resolve("file"), "content " + i);
      }
    }
    assertThat(after.get()).isTrue();
    assertThat(root.resolve("file")).content().isEqualTo("content 49");
  }

  @Test
  void eightThreadsDoNotDisturbEachOther() throws Exception {
    try (var served = Served.at(place, root);
        var executor = Executors.newFixedThreadPool(8)) {
      var scripts = new ArrayList<Callable<List<String>>>();
      for (var i = 0; i < 8; i++) {
        var mounted = new Script(Files.createDirectory(served.place.resolve("top" + i)), i, true);
        var plain = new Script(Files.createDirectories(directory.resolve("plain" + i)), i, true);
        scripts.add(() -> differences(mounted, plain));
      }
      for (var differences : executor.invokeAll(scripts)) {
        assertThat(differences.get()).isEmpty();
      }
    }
  }

  private static List<String> differences(Script one, Script other) throws IOException {
    var found = new ArrayList<String>();
    for (var step = 0; step < 500; step++) {
      var first = one.step();
      var second = other.step();
      if (!first.equals(second)) {
        found.add(step + ": " + first + " / " + second);
      }
    }
    if (!one.all().equals(other.all())) {
      found.add("at the end");
    }
    return found;
  }

  @Test
  void aFullRootIsAFullMountAndHasRoomAgainAfterwards() throws Exception {
    var small = Configuration.unix().toBuilder().setMaxSize(4 << 20).build();
    try (var memory = Jimfs.newFileSystem(small);
        var served = Served.at(place, memory.getPath("/work"))) {
      var filled =
          python(
              """
              import errno, os, sys
              os.chdir(sys.argv[1])
              written = 0
              try:
                  with open('large', 'wb', buffering=0) as file:
                      while True:
                          written += file.write(b'x' * 300000)
              except OSError as full:
                  print(errno.errorcode[full.errno], written > 3 << 20, written <= 4 << 20)
              os.unlink('large')
              with open('small', 'w') as file:
                  print(file.write('x' * 1000000))
              """,
              served.place.toString());
      assertThat(said(filled)).isEqualTo("ENOSPC True True\n1000000");
      assertThat(served.mount.counts().get(FuseCounter.NO_SPACE)).isPositive();
    }
  }

  @Test
  void filesAreTheirOwnersAlone() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var plan = FuseMount.of(root).ownedBy(SOMEBODY, SOMEBODY);
    try (var served = Served.of(plan, place)) {
      Files.setPosixFilePermissions(served.place, PosixFilePermissions.fromString("rwx------"));
      assertThat(said(as(SOMEBODY, served.place))).isEqualTo("written");
      assertThat(said(as(SOMEBODY + 1, served.place))).isEqualTo("EACCES");
      assertThat(Files.getAttribute(served.place.resolve("own"), "unix:uid")).isEqualTo(SOMEBODY);
    }
  }

  private static Process as(int user, Path place) throws IOException {
    return python(
        """
        import errno, os, sys
        os.setgroups([])
        os.setgid(int(sys.argv[1]))
        os.setuid(int(sys.argv[1]))
        try:
            with open(sys.argv[2] + '/own', 'a') as file:
                file.write('mine')
            os.chmod(sys.argv[2] + '/own', 0o600)
            print('written')
        except OSError as refused:
            print(errno.errorcode[refused.errno])
        """,
        Integer.toString(user),
        place.toString());
  }

  @Test
  void rootGivesTheWholeMountToAnotherByGivingItsTop() throws Exception {
    try (var served = Served.at(place, root)) {
      var file = Files.createFile(served.place.resolve("file"));
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> Files.setAttribute(file, "unix:uid", SOMEBODY))
          .withMessageContaining("not permitted");
      Files.setAttribute(served.place, "unix:uid", SOMEBODY, LinkOption.NOFOLLOW_LINKS);
      var later = Files.createFile(served.place.resolve("later"));
      assertThat(Files.getAttribute(later, "unix:uid")).isEqualTo(SOMEBODY);
      assertThat(Files.getAttribute(later, "unix:gid")).isEqualTo(0);
      assertThat(Files.getAttribute(root, "unix:uid")).isEqualTo(0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aKilledHostsMountIsDeadAndClearedByTheNext(boolean asked) throws Exception {
    var host = MountToKill.start(root, place);
    try {
      assertThat(new String(host.getInputStream().readNBytes(2), UTF_8)).isEqualTo("on");
      assertThat(place.resolve("file")).content().isEqualTo("alive");
      assertThat(FuseMount.clearStale(directory)).isZero();

      host.destroyForcibly().waitFor();

      assertThatIOException()
          .isThrownBy(() -> Files.readString(place.resolve("file")))
          .withMessageContaining("not connected");
      if (asked) {
        assertThat(FuseMount.clearStale(directory)).isEqualTo(1);
        assertThat(place).isEmptyDirectory();
      }
      try (var served = Served.at(place, root)) {
        assertThat(served.place.resolve("file")).content().isEqualTo("alive");
      }
      assertThat(mounts()).noneMatch(line -> line.contains(directory.toString()));
    } finally {
      host.destroyForcibly().waitFor();
      FuseMount.clearStale(directory);
    }
  }

  @Test
  void aPlaceWhoseParentIsNotThereIsAnError() {
    assertThatIOException()
        .isThrownBy(() -> FuseMount.of(root).mountedAt(directory.resolve("no/such")));
  }

  @Test
  void rootWithTheDeviceLacksNothing() {
    assertThat(FuseSupport.here().lacks()).isEmpty();
  }

  @Test
  void whatIsMissingIsNamedWithTheRemedy() throws IOException {
    var proc = Files.createDirectory(directory.resolve("proc"));
    Files.setAttribute(Files.createDirectory(proc.resolve("self")), "unix:uid", SOMEBODY);
    var lacks = MountTable.lacks(directory.resolve("no device"), proc);
    assertThat(lacks).hasSize(2);
    assertThat(lacks.getFirst()).contains("no device", "load the kernel's module fuse");
    assertThat(lacks.getLast()).contains("user " + SOMEBODY, "start it as root");
    assertThat(MountTable.lacks(directory, directory.resolve("nowhere")))
        .containsExactly("a Linux with " + directory.resolve("nowhere"));
  }
}
