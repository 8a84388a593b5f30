package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.testing.InMemoryVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a module tries with a directory that it was given, to get out of it or to wear it out. */
@RequiresProgram("wat2wasm")
final class DirectoryEscapeTest {
  private static final int CREATE = 1;
  private static final long READS = Rights.READ;
  private static final long WRITES = Rights.WRITE;
  private static final long PASSES = Rights.OF_DIRECTORY | Rights.OF_FILE;

  @TempDir private Path directory;
  private GuestRun.World world;
  private Path outside;
  private Path files;

  /** Calls, and what each of them answers. */
  record Attempt(String name, WasiScript script, List<Integer> answers) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Attempt attempt(String name, WasiScript script, Integer... answers) {
    return new Attempt(name, script, List.of(answers));
  }

  private static Attempt reading(String name, Object path, int answer) {
    return attempt(name, new WasiScript().open(3, path, 0, READS), answer);
  }

  private static Attempt on(String name, String call, String parameters, int answer, Object... a) {
    return attempt(name, new WasiScript().call(call, parameters, a), answer);
  }

  static Stream<Attempt> paths() {
    var deep = "d/".repeat(1000) + "f";
    return Stream.of(
        reading("a file of its own", "mine", 0),
        reading("back to it", "inner/../mine", 0),
        reading("a link within", "inside", 0),
        reading("a link to a directory within", "inside-directory/deep", 0),
        reading("one step out", "../secret", 76),
        reading("one step out by a directory", "inner/../../secret", 76),
        reading("out by dots and slashes", ".//inner/.././../secret", 76),
        reading("out and in again", "../files/mine", 76),
        reading("the directory above", "..", 76),
        reading("the root of the host", "/", 76),
        reading("a file of the host", "/etc/passwd", 76),
        reading("two slashes", "//etc/passwd", 76),
        reading("a link out", "out", 76),
        reading("an absolute link", "absolute", 76),
        reading("a link to a link out", "out-by-two", 76),
        reading("through a link out", "outward/secret", 76),
        reading("through an absolute link", "absolute-directory/secret", 76),
        reading("a link that leads to itself", "self", 32),
        reading("two links in a circle", "circle/deep", 32),
        reading("a link to nothing", "nothing", 44),
        reading("back from a file", "mine/../mine", 54),
        reading("back from nothing", "missing/../mine", 44),
        reading("a zero", new byte[] {'m', 'i', 'n', 'e', 0, 'x'}, 25),
        reading("a zero at the end", new byte[] {'m', 'i', 'n', 'e', 0}, 25),
        reading("a byte that begins nothing", new byte[] {(byte) 0xff}, 25),
        reading("a dot in two bytes", new byte[] {(byte) 0xc0, (byte) 0xae, '.', '/', 'm'}, 25),
        reading("half a pair", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, 25),
        reading("a name too long", "n".repeat(256), 37),
        reading("a path too long", "n/".repeat(2049), 37),
        reading("no path", "", 44),
        reading("deep into nothing", deep, 44),
        reading("what blocks whoever opens it", "pipe", 2),
        on("a directory above", "path_create_directory", "iii", 76, 3, "../new"),
        on("a directory of the host", "path_create_directory", "iii", 76, 3, "/tmp/new"),
        on("a directory by a link", "path_create_directory", "iii", 76, 3, "outward/new"),
        on("a directory over a link", "path_create_directory", "iii", 20, 3, "out"),
        on("removing what is above", "path_remove_directory", "iii", 76, 3, "../other"),
        on("removing itself", "path_remove_directory", "iii", 28, 3, "."),
        on("removing itself by a way back", "path_remove_directory", "iii", 28, 3, "inner/.."),
        on("removing a link's goal", "path_remove_directory", "iii", 54, 3, "outward"),
        on("unlinking what is above", "path_unlink_file", "iii", 76, 3, "../secret"),
        on("unlinking by a link", "path_unlink_file", "iii", 76, 3, "outward/secret"),
        on("renaming itself", "path_rename", "iiiiii", 28, 3, ".", 3, "new"),
        on("renaming over itself", "path_rename", "iiiiii", 28, 3, "inner", 3, "."),
        on("renaming out", "path_rename", "iiiiii", 76, 3, "mine", 3, "../mine"),
        on("renaming in", "path_rename", "iiiiii", 76, 3, "../secret", 3, "new"),
        on("renaming out by a link", "path_rename", "iiiiii", 76, 3, "mine", 3, "outward/mine"),
        on("renaming into itself", "path_rename", "iiiiii", 28, 3, "inner", 3, "inner/new"),
        on("looking above", "path_filestat_get", "iiiii", 76, 3, 1, "../secret", 512),
        on("looking by a link", "path_filestat_get", "iiiii", 76, 3, 1, "out", 512),
        on("looking at a link", "path_filestat_get", "iiiii", 0, 3, 0, "out", 512),
        on("times by a link", "path_filestat_set_times", "iiiilli", 76, 3, 1, "out", 1, 1, 5),
        on("the name of what is outside", "path_readlink", "iiiiii", 76, 3, "out", 512, 64, 600),
        on("an absolute name", "path_readlink", "iiiiii", 76, 3, "absolute", 512, 64, 600),
        on("the name within", "path_readlink", "iiiiii", 0, 3, "inside", 512, 64, 600),
        on("a link", "path_symlink", "iiiii", 76, "../secret", 3, "new"),
        on("a hard link", "path_link", "iiiiiii", 76, 3, 0, "out", 3, "new"));
  }

  static Stream<Attempt> descriptors() {
    var inner = new WasiScript().enter(3, "inner", PASSES);
    return Stream.of(
        attempt(
            "back from a directory that was opened",
            inner.open(4, "../mine", 0, READS).open(4, "deep", 0, READS),
            0,
            76,
            0),
        attempt(
            "a link in the place of a directory that is open",
            new WasiScript()
                .enter(3, "empty", PASSES)
                .call("path_remove_directory", "iii", 3, "empty")
                .call("path_rename", "iiiiii", 3, "outward", 3, "empty")
                .open(4, "secret", 0, READS)
                .call("fd_readdir", "iiili", 4, 512, 256, 0, 800)
                .call("fd_filestat_get", "ii", 4, 512)
                .open(3, "empty/secret", 0, READS),
            0,
            0,
            0,
            44,
            44,
            44,
            76),
        attempt(
            "more rights than the directory has",
            new WasiScript()
                .enter(3, "inner", Rights.OPEN | READS)
                .open(4, "deep", 0, WRITES)
                .open(4, "new", CREATE, READS)
                .call("path_unlink_file", "iii", 4, "deep")
                .call("fd_fdstat_set_rights", "ill", 4, PASSES, PASSES)
                .open(4, "deep", 0, READS)
                .call("fd_write", "iiii", 5, 256, 1, 800),
            0,
            76,
            76,
            76,
            76,
            0,
            76),
        attempt(
            "rights that were given up",
            new WasiScript()
                .call("fd_fdstat_set_rights", "ill", 3, Rights.OPEN, 0)
                .open(3, "mine", 0, READS)
                .call("fd_fdstat_set_rights", "ill", 3, PASSES, PASSES),
            0,
            76,
            76),
        attempt(
            "more than it may have open",
            new WasiScript()
                .open(3, "mine", 0, READS)
                .open(3, "mine", 0, READS)
                .enter(3, "inner", READS)
                .open(3, "mine", 0, READS)
                .open(3, "mine", 0, READS)
                .open(3, "made", CREATE, WRITES)
                .call("fd_close", "i", 4)
                .open(3, "made", CREATE, WRITES)
                .look(512),
            0,
            0,
            0,
            0,
            33,
            33,
            0,
            0,
            4),
        attempt(
            "closing what it was given",
            new WasiScript()
                .call("fd_close", "i", 3)
                .call("fd_close", "i", 3)
                .open(3, "mine", 0, READS)
                .call("fd_prestat_get", "ii", 3, 512),
            0,
            8,
            8,
            8),
        attempt(
            "renumbering over what it was given",
            new WasiScript()
                .enter(3, "inner", PASSES)
                .call("fd_renumber", "ii", 4, 3)
                .open(3, "mine", 0, READS)
                .open(3, "../mine", 0, READS)
                .call("fd_prestat_get", "ii", 3, 512),
            0,
            0,
            44,
            76,
            8),
        attempt(
            "renumbering streams and what is not there",
            new WasiScript()
                .call("fd_renumber", "ii", 0, 3)
                .call("fd_renumber", "ii", 3, 0)
                .call("fd_renumber", "ii", 3, 1000000)
                .call("fd_renumber", "ii", 3, -1)
                .call("fd_renumber", "ii", -1, 3)
                .call("fd_renumber", "ii", 3, 3),
            8,
            8,
            8,
            8,
            8,
            0),
        attempt(
            "paths from a file and from a stream",
            new WasiScript()
                .open(3, "mine", 0, READS)
                .open(4, "mine", 0, READS)
                .open(0, "mine", 0, READS)
                .open(-1, "mine", 0, READS)
                .call("fd_readdir", "iiili", 4, 512, 256, 0, 800),
            0,
            54,
            54,
            8,
            54),
        attempt(
            "content of a directory",
            new WasiScript()
                .call("fd_read", "iiii", 3, 256, 1, 800)
                .call("fd_write", "iiii", 3, 256, 1, 800)
                .call("fd_seek", "ilii", 3, 0, 0, 800)
                .call("fd_filestat_set_size", "il", 3, 0),
            31,
            31,
            31,
            31),
        attempt(
            "sizes and places that there are not",
            new WasiScript()
                .open(3, "mine", 0, PASSES)
                .call("fd_seek", "ilii", 4, -1, 0, 800)
                .call("fd_seek", "ilii", 4, Long.MAX_VALUE, 2, 800)
                .call("fd_seek", "ilii", 4, 0, 9, 800)
                .call("fd_pread", "iiili", 4, 256, 1, -1, 800)
                .call("fd_pwrite", "iiili", 4, 256, 1, Long.MAX_VALUE, 800)
                .call("fd_filestat_set_size", "il", 4, -1)
                .call("fd_allocate", "ill", 4, 0, Long.MAX_VALUE)
                .call("fd_fdstat_set_flags", "ii", 4, 0x8000)
                .call("fd_read", "iiii", 4, 256, 1025, 800),
            0,
            28,
            61,
            28,
            28,
            22,
            28,
            58,
            28,
            28),
        attempt(
            "times without a clock",
            new WasiScript()
                .open(3, "mine", 0, PASSES)
                .call("fd_filestat_set_times", "illi", 4, 0, 0, 2)
                .call("fd_filestat_set_times", "illi", 4, 0, 0, 3)
                .call("fd_filestat_set_times", "illi", 4, -1, 0, 1),
            0,
            76,
            76,
            28),
        attempt(
            "entries by small buffers and wild cookies",
            new WasiScript()
                .call("fd_readdir", "iiili", 3, 1024, 0, 0, 512)
                .look(512)
                .call("fd_readdir", "iiili", 3, 1024, 1, 0, 512)
                .look(512)
                .call("fd_readdir", "iiili", 3, 1024, 24, 0, 512)
                .look(512)
                .call("fd_readdir", "iiili", 3, 1024, 25, 0, 512)
                .look(1048)
                .call("fd_readdir", "iiili", 3, 1024, 25, 1, 512)
                .look(1048)
                .call("fd_readdir", "iiili", 3, 1024, 64, -1, 512)
                .look(512)
                .call("fd_readdir", "iiili", 3, 1024, 64, Long.MAX_VALUE, 512)
                .look(512)
                .call("fd_readdir", "iiili", 3, 1024, 64, 1000, 512)
                .look(512),
            0,
            0,
            0,
            1,
            0,
            24,
            0,
            (int) '.',
            0,
            (int) '.',
            0,
            0,
            0,
            0,
            0,
            0));
  }

  @BeforeEach
  void layOut() throws Exception {
    world = GuestRun.World.in(directory);
    outside = Files.createDirectory(directory.resolve("outside"));
    files = Files.createDirectory(outside.resolve("files"));
    Files.writeString(outside.resolve("secret"), "of the host");
    Files.createDirectory(outside.resolve("other"));
    Files.writeString(files.resolve("mine"), "of the guest");
    Files.createDirectory(files.resolve("empty"));
    Files.writeString(Files.createDirectory(files.resolve("inner")).resolve("deep"), "deep");
    for (var link :
        List.of(
            "inside mine",
            "inside-directory inner",
            "out ../secret",
            "out-by-two out",
            "outward ..",
            "self self",
            "circle circle-back",
            "circle-back circle",
            "nothing missing")) {
      var names = link.split(" ", -1);
      Files.createSymbolicLink(files.resolve(names[0]), Path.of(names[1]));
    }
    Files.createSymbolicLink(files.resolve("absolute"), outside.resolve("secret"));
    Files.createSymbolicLink(files.resolve("absolute-directory"), outside);
    var pipe = new ProcessBuilder("mkfifo", files.resolve("pipe").toString()).start();
    assertThat(pipe.waitFor()).isZero();
  }

  @ParameterizedTest
  @MethodSource({"paths", "descriptors"})
  void nothingOutsideIsReached(Attempt attempt) throws Exception {
    var run = world.module(attempt.script().module(), files);
    assertThat(run.ending()).isEqualTo(Ending.exited(0));
    assertThat(numbers(run)).isEqualTo(attempt.answers());
    var refused = attempt.answers().stream().filter(answer -> answer == Errno.NOT_CAPABLE).count();
    assertThat(run.usage().deniedCalls().values().stream().mapToLong(each -> each).sum())
        .isEqualTo(refused);
    try (var entries = Files.list(outside)) {
      assertThat(entries.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("files", "other", "secret");
    }
    assertThat(outside.resolve("secret")).hasContent("of the host");
  }

  private static List<Integer> numbers(GuestRun run) {
    var numbers = new ArrayList<Integer>();
    for (var each : run.sent().getFirst()) {
      numbers.add(each & 0xff);
    }
    return numbers;
  }

  /** Every call with a pointer, on a directory, a file, or both. */
  static Stream<Attempt> pointers() {
    return Stream.of(262_143, 262_144, 0x7fff_fff0, 0xffff_fff0).flatMap(DirectoryEscapeTest::to);
  }

  private static Stream<Attempt> to(int at) {
    return Stream.of(
        on("prestat", "fd_prestat_get", "ii", 0, 3, at),
        on("name", "fd_prestat_dir_name", "iii", 0, 3, at, 2),
        on("state", "fd_fdstat_get", "ii", 0, 3, at),
        on("attributes", "fd_filestat_get", "ii", 0, 3, at),
        on("entries", "fd_readdir", "iiili", 0, 3, at, 64, 0, 512),
        on("count of entries", "fd_readdir", "iiili", 0, 3, 1024, 64, 0, at),
        on("path to open", "path_open", "iiiiillii", 0, 3, 1, at, 4, 0, READS, 0, 0, 512),
        on("descriptor", "path_open", "iiiiillii", 0, 3, 1, "mine", 0, READS, 0, 0, at),
        on("path to look at", "path_filestat_get", "iiiii", 0, 3, 1, at, 4, 512),
        on("attributes of a path", "path_filestat_get", "iiiii", 0, 3, 1, "mine", at),
        on("path to time", "path_filestat_set_times", "iiiilli", 0, 3, 1, at, 4, 0, 0, 5),
        on("path to make", "path_create_directory", "iii", 0, 3, at, 4),
        on("path to remove", "path_remove_directory", "iii", 0, 3, at, 4),
        on("path to unlink", "path_unlink_file", "iii", 0, 3, at, 4),
        on("path to rename", "path_rename", "iiiiii", 0, 3, at, 4, 3, "new"),
        on("path to rename to", "path_rename", "iiiiii", 0, 3, "mine", 3, at, 4),
        on("link", "path_readlink", "iiiiii", 0, 3, at, 4, 512, 64, 600),
        on("a link's goal", "path_readlink", "iiiiii", 0, 3, "inside", at, 64, 600),
        on("its length", "path_readlink", "iiiiii", 0, 3, "inside", 512, 64, at),
        ofFile("vectors to read", "fd_read", "iiii", 4, at, 1, 512),
        ofFile("count of what was read", "fd_read", "iiii", 4, 256, 1, at),
        ofFile("vectors to write", "fd_write", "iiii", 4, at, 1, 512),
        ofFile("count of what was written", "fd_write", "iiii", 4, 256, 1, at),
        ofFile("vectors to read at", "fd_pread", "iiili", 4, at, 1, 0, 512),
        ofFile("count of what was read at", "fd_pread", "iiili", 4, 256, 1, 0, at),
        ofFile("vectors to write at", "fd_pwrite", "iiili", 4, at, 1, 0, 512),
        ofFile("count of what was written at", "fd_pwrite", "iiili", 4, 256, 1, 0, at),
        ofFile("position", "fd_seek", "ilii", 4, 0, 0, at),
        ofFile("position told", "fd_tell", "ii", 4, at));
  }

  private static Attempt ofFile(String name, String call, String parameters, Object... a) {
    var opened = new WasiScript().open(3, "mine", 0, PASSES);
    return attempt(name, opened.call(call, parameters, a));
  }

  @ParameterizedTest
  @MethodSource("pointers")
  void aPointerBeyondTheMemoryTraps(Attempt attempt) throws Exception {
    var run = world.module(attempt.script().module(), files);
    assertThat(run.ending().cause()).isEqualTo(Ending.Cause.FAILED);
    assertThat(run.ending().detail()).contains("out of bounds");
    assertThat(run.sent()).isEmpty();
    assertThat(files.resolve("mine")).hasContent("of the guest");
  }

  @Test
  void aFullVaultIsAnErrorAndNoFileStaysOpen() throws Exception {
    try (var vault = InMemoryVault.ofBytes(128 << 10)) {
      var script =
          new WasiScript()
              .open(3, "f", CREATE, PASSES)
              .call("fd_pwrite", "iiili", 4, 264, 1, 0, 800)
              .call("fd_pwrite", "iiili", 4, 264, 1, 1 << 20, 800)
              .call("fd_filestat_set_size", "il", 4, 0)
              .call("fd_write", "iiii", 4, 256, 1, 800)
              .open(3, "g", CREATE, PASSES);
      var run = world.module(script.module(), vault.root());
      assertThat(run.ending()).isEqualTo(Ending.exited(0));
      assertThat(numbers(run)).containsExactly(0, 0, 51, 0, 0, 0);
      assertThat(Files.size(vault.root().resolve("f"))).isEqualTo(16);
    }
  }

  @Test
  void aGuestThatIsStoppedLeavesNoFileOpen() throws Exception {
    try (var vault = InMemoryVault.ofBytes(4 << 20)) {
      var script =
          new WasiScript()
              .open(3, "f", CREATE, PASSES)
              .call("fd_readdir", "iiili", 3, 1024, 30, 0, 512)
              .call("fd_pwrite", "iiili", 4, 264, 1, 0, 800);
      var launch =
          WasmFunctions.launch(
              "one", world.webAssembly(), GuestRun.limits().with(Resource.CPU_SECONDS, "0.3"));
      var run = GuestRun.of(launch.writing(vault.root()), script.endless());
      assertThat(run.ending().limit()).contains(Resource.CPU_SECONDS);
      assertThat(Files.size(vault.root().resolve("f"))).isEqualTo(200_000);
      vault.checkNothingOpen();
    }
  }

  @Test
  void directoriesNoDeeperThanTheBound() throws IOException, FileRefused {
    var deep = files;
    var names = new ArrayList<String>();
    for (var i = 0; i < GuestTree.DEPTH; i++) {
      deep = Files.createDirectory(deep.resolve("d"));
      names.add("d");
    }
    Files.createDirectory(deep.resolve("d"));
    var tree = new GuestTree(files);
    assertThat(tree.at(names).isDirectory()).isTrue();
    names.add("d");
    assertThatExceptionOfType(FileRefused.class)
        .isThrownBy(() -> tree.at(names))
        .withMessage("errno 37");
  }
}
