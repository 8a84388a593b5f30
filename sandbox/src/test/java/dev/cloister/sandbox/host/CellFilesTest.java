package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What functions write by themselves: in their vault, mounted, and nowhere else. */
@RequiresProgram(
    value = {"python3", "bwrap"},
    root = true)
final class CellFilesTest {
  private static final String CANARY = "seen-in-no-file-of-the-host";

  private static final String WRITER =
      """
      import cell, os
      os.mkdir("deep")
      with open("deep/notes", "w") as file:
          file.write("%s" * 1000)
      os.rename("deep/notes", "notes")
      os.rmdir("deep")
      def outcome(path):
          try: return open(path, "w") and "written"
          except OSError as e: return e.errno
      cell.store.put("entry", b"%s" * 1000)
      cell.send(repr((
          sorted(os.listdir(".")), os.stat("notes").st_size, cell.store.list(),
          outcome("/usr/x"), outcome("/image/x"), outcome("/etc/x"), outcome("../x"),
      )).encode())
      cell.receive()
      """
          .formatted(CANARY, CANARY);

  @TempDir private Path directory;

  private PythonWorld world(RealRuntime kind) throws IOException {
    return world(kind, directory.resolve("mounts"));
  }

  private PythonWorld world(RealRuntime kind, Path mounts) throws IOException {
    return PythonWorld.withMounts(directory, mounts, kind);
  }

  private List<Path> filesWith(String words, Path below) throws IOException {
    try (var all = Files.walk(below)) {
      return all.filter(Files::isRegularFile).filter(file -> contains(file, words)).toList();
    }
  }

  private static boolean contains(Path file, String words) {
    try {
      return new String(Files.readAllBytes(file), UTF_8).contains(words);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> mounted() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS", "CONTAINER"})
  void whatAFunctionWritesIsEncryptedAndGoneWithIt(RealRuntime kind) throws Exception {
    try (var world = world(kind)) {
      var cell = world.running(WRITER);
      assertThat(world.next(world.attached(cell)))
          .asString()
          .startsWith("(['notes'], 27000, ['data', 'entry'], ")
          .doesNotContain("written");
      // Root sees the mount of a function that lives; the disk has nothing of it.
      assertThat(filesWith(CANARY, directory.resolve("mounts"))).hasSize(1);
      assertThat(filesWith(CANARY, directory.resolve("cells"))).isEmpty();
      assertThat(world.attached(cell).usage().diskBytes()).isBetween(54_000L, 100_000L);

      world.host.shutdown(Shown.now(cell.grant().shutdown()));
      assertThat(mounted()).isEmpty();
      assertThat(directory.resolve("mounts/1.mount")).doesNotExist();
    }
    assertThat(directory.resolve("mounts")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS", "CONTAINER"})
  void filesAndEntriesHaveOneQuota(RealRuntime kind) throws Exception {
    try (var world = world(kind)) {
      var cell =
          world.running(
              """
              import cell
              cell.store.put("entry", bytes(40000))
              with open("file", "wb", 0) as file:
                  while True:
                      file.write(bytes(1000))
              """);
      var attachment = world.attached(cell);
      var ending = world.ended(attachment);
      assertThat(ending.cause()).isEqualTo(Ending.Cause.LIMIT);
      assertThat(ending.limit()).isEqualTo(Optional.of(Resource.DISK_BYTES));
      assertThat(attachment.usage().diskBytes()).isBetween(80_000L, 100_000L);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS", "CONTAINER"})
  void oneFunctionDoesNotSeeTheFilesOfAnother(RealRuntime kind) throws Exception {
    try (var world = world(kind)) {
      var one = world.running(WRITER);
      world.next(world.attached(one));
      var other =
          world.running(
              """
              import cell, os
              seen = []
              for path in (%s):
                  try: seen.append(os.listdir(path))
                  except OSError as e: seen.append(type(e).__name__)
              cell.send(repr((os.listdir("."), seen)).encode())
              """
                  .formatted("'%1$s/mounts/1.mount', '%1$s/mounts', '..'".formatted(directory)));
      assertThat(world.next(world.attached(other)))
          .asString()
          .doesNotContain("notes")
          .startsWith("([], ");
    }
  }

  @Test
  void whereAFunctionCouldNotPassNothingIsMounted() throws Exception {
    var closed = Files.createTempDirectory(directory, "closed");
    assertThatIOException()
        .isThrownBy(() -> world(RealRuntime.PROCESS, closed.resolve("mounts")))
        .withMessageContaining("chmod o+x");
  }
}
