package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a module asks of WASI and does not get. Each attack is first run where it is given, by the
 * engine's own WASI: an attack that gets nothing there would prove nothing here.
 */
@RequiresProgram("wat2wasm")
final class WasiEscapeTest {
  private static final int DENIED = 76;
  private static final int BAD_DESCRIPTOR = 8;

  @TempDir private Path directory;
  private GuestRun.World world;
  private Path files;

  /** A call, what it answers where it is given, and what it answers here. */
  record Attack(String name, String call, String parameters, String what, int plain, int here) {
    @Override
    public String toString() {
      return name;
    }

    /** Sends the error number, or what lies at 512 where that is asked for. */
    byte[] module() {
      var types = new StringBuilder();
      parameters.chars().forEach(type -> types.append(type == 'l' ? " i64" : " i32"));
      return Assembler.module(
          """
          (module
            (import "wasi_snapshot_preview1" "%s" (func $call (param%s) (result i32)))
            (import "cell" "send" (func $send (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "secret")
            (data (i32.const 16) "inner/../secret")
            (data (i32.const 48) "link")
            (data (i32.const 64) "inner")
            (data (i32.const 80) "new")
            (data (i32.const 96) "./secret")
            (data (i32.const 256) "\\00\\03\\00\\00\\10\\00\\00\\00")
            (func (export "_start")
              (i32.store8 (i32.const 0) (call $call %s))
              %s
              (drop (call $send (i32.const 0) (i32.const 1)))))
          """
              .formatted(
                  call,
                  types,
                  what,
                  name.endsWith("count")
                      ? "(i32.store8 (i32.const 0) (i32.load8_u (i32.const 512)))"
                      : ""));
    }
  }

  private static String numbers(String parameters, long... values) {
    var text = new StringBuilder();
    for (var i = 0; i < values.length; i++) {
      var type = parameters.charAt(i) == 'l' ? "i64" : "i32";
      text.append("(%s.const %d)".formatted(type, values[i]));
    }
    return text.toString();
  }

  private static Attack attack(
      String name, String call, String parameters, int plain, int here, long... values) {
    return new Attack(name, call, parameters, numbers(parameters, values), plain, here);
  }

  private static Attack open(String name, long at, long length) {
    return attack(name, "path_open", "iiiiillii", 0, DENIED, 3, 1, at, length, 0, 2, 0, 0, 512);
  }

  static Stream<Attack> attacks() {
    return Stream.of(
        open("opening a file", 0, 6),
        open("opening a file by a path that goes back", 16, 15),
        open("opening a file by a dot", 96, 8),
        open("opening a directory", 64, 5),
        attack(
            "creating a file", "path_open", "iiiiillii", 0, DENIED, 3, 0, 80, 3, 1, 64, 0, 0, 512),
        attack("looking at a file", "path_filestat_get", "iiiii", 0, DENIED, 3, 1, 0, 6, 512),
        attack("making a directory", "path_create_directory", "iii", 0, DENIED, 3, 80, 3),
        attack("removing a file", "path_unlink_file", "iii", 0, DENIED, 3, 0, 6),
        attack("removing a directory", "path_remove_directory", "iii", 0, DENIED, 3, 64, 5),
        attack(
            "a directory that was opened before",
            "fd_prestat_get",
            "ii",
            0,
            BAD_DESCRIPTOR,
            3,
            512),
        attack("its name", "fd_prestat_dir_name", "iii", 0, BAD_DESCRIPTOR, 3, 512, 1),
        attack("its entries", "fd_readdir", "iiili", 0, BAD_DESCRIPTOR, 3, 512, 256, 0, 800),
        attack("its rights", "fd_fdstat_get", "ii", 0, BAD_DESCRIPTOR, 3, 512),
        attack("closing it", "fd_close", "i", 0, BAD_DESCRIPTOR, 3),
        attack("arguments, by their count", "args_sizes_get", "ii", 2, 0, 512, 520),
        attack("the environment, by its count", "environ_sizes_get", "ii", 1, 0, 512, 520),
        attack("what was typed, by its count", "fd_read", "iiii", 5, 0, 0, 256, 1, 512),
        attack("the time of day", "clock_time_get", "ili", 0, DENIED, 0, 1, 512),
        attack("a steady clock", "clock_time_get", "ili", 0, DENIED, 1, 1, 512),
        attack("random bytes", "random_get", "ii", 0, DENIED, 512, 16));
  }

  @BeforeEach
  void layOut() throws IOException {
    world = GuestRun.World.in(directory);
    files = Files.createDirectory(directory.resolve("files"));
    Files.writeString(files.resolve("secret"), "of the host");
    Files.createDirectory(files.resolve("inner"));
    Files.createSymbolicLink(files.resolve("link"), Path.of("secret"));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void isGivenElsewhereAndRefusedHere(Attack attack) throws Exception {
    var module = attack.module();
    assertThat(PlainWasi.run(module, files)).as("where it is given").isEqualTo(attack.plain());
    Files.writeString(files.resolve("secret"), "of the host");
    var run = world.module(module);
    assertThat(run.ending()).isEqualTo(Ending.exited(0));
    assertThat(run.number()).isEqualTo(attack.here());
    if (attack.here() == DENIED) {
      assertThat(run.usage().deniedCalls()).containsEntry(attack.call(), 1L);
    }
    assertThat(files).isDirectoryContaining(file -> file.endsWith("secret"));
  }

  /** The engine's own WASI has none of these to give, so nothing can be shown beside them. */
  static Stream<Attack> attacksOnWhatNobodyGives() {
    return Stream.of(
        attack("accepting a connection", "sock_accept", "iii", 0, DENIED, 3, 0, 512),
        attack("sending to a socket", "sock_send", "iiiii", 0, DENIED, 3, 256, 1, 0, 512),
        attack("receiving from a socket", "sock_recv", "iiiiii", 0, DENIED, 3, 256, 1, 0, 512, 520),
        attack("shutting a socket down", "sock_shutdown", "ii", 0, DENIED, 3, 3),
        attack("signalling", "proc_raise", "i", 0, DENIED, 9),
        attack("renaming a file", "path_rename", "iiiiii", 0, DENIED, 3, 0, 6, 3, 80, 3),
        attack("its attributes", "fd_filestat_get", "ii", 0, BAD_DESCRIPTOR, 3, 512),
        open("opening what a link leads to", 48, 4),
        attack("linking", "path_link", "iiiiiii", 0, DENIED, 3, 0, 0, 6, 3, 80, 3),
        attack("linking softly", "path_symlink", "iiiii", 0, DENIED, 0, 6, 3, 80, 3),
        attack("reading a link", "path_readlink", "iiiiii", 0, DENIED, 3, 48, 4, 512, 64, 600),
        attack("the CPU time of the process", "clock_time_get", "ili", 0, 58, 2, 1, 512),
        attack("too many vectors", "fd_write", "iiii", 0, 28, 1, 256, -1, 512),
        attack("too many random bytes", "random_get", "ii", 0, 28, 0, -1),
        attack("no subscription", "poll_oneoff", "iiii", 0, 28, 0, 512, 0, 600),
        attack("too many subscriptions", "poll_oneoff", "iiii", 0, 28, 0, 512, -1, 600));
  }

  @ParameterizedTest
  @MethodSource("attacksOnWhatNobodyGives")
  void isRefused(Attack attack) throws Exception {
    var run = world.module(attack.module());
    assertThat(run.ending()).isEqualTo(Ending.exited(0));
    assertThat(run.number()).isEqualTo(attack.here());
  }

  /** Every function with a pointer, which leads beyond the memory by little and by much. */
  static Stream<Attack> pointersBeyondTheMemory() {
    return Stream.of(65_535L, 65_536L, 0x7fff_fff0L, 0xffff_fff0L)
        .flatMap(at ->
            List.of(
                attack("count of arguments to " + at, "args_sizes_get", "ii", 0, 0, at, 0),
                attack("count of variables to " + at, "environ_sizes_get", "ii", 0, 0, 0, at),
                attack("resolution to " + at, "clock_res_get", "ii", 0, 0, 0, at),
                attack("rights to " + at, "fd_fdstat_get", "ii", 0, 0, 0, at),
                attack("attributes to " + at, "fd_filestat_get", "ii", 0, 0, 1, at),
                attack("vectors at " + at, "fd_write", "iiii", 0, 0, 1, at, 1, 512),
                attack("what was written to " + at, "fd_write", "iiii", 0, 0, 1, 256, 1, at),
                attack("vectors to read at " + at, "fd_read", "iiii", 0, 0, 0, at, 1, 512),
                attack("random bytes to " + at, "random_get", "ii", 0, 0, at, 32),
                attack("subscriptions at " + at, "poll_oneoff", "iiii", 0, 0, at, 0, 1, 512))
                .stream());
  }

  @ParameterizedTest
  @MethodSource("pointersBeyondTheMemory")
  void aPointerBeyondTheMemoryTraps(Attack attack) throws Exception {
    var run = world.module(attack.module());
    assertThat(run.ending().cause()).isEqualTo(Ending.Cause.FAILED);
    assertThat(run.ending().detail()).contains("out of bounds");
    assertThat(run.sent()).isEmpty();
  }
}
