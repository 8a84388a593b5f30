package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes modules of the text format, by wabt's {@code wat2wasm}. */
final class Assembler {
  private static final List<String> COMMAND = List.of("wat2wasm", "--enable-all", "--no-check");

  private Assembler() {}

  /** A module that is one text. */
  static byte[] module(String text) {
    try {
      var directory = Files.createTempDirectory("wat");
      try {
        return assembled(directory, text);
      } finally {
        for (var name : List.of("in.wat", "out.wasm")) {
          Files.deleteIfExists(directory.resolve(name));
        }
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] assembled(Path directory, String text) throws IOException {
    Files.writeString(directory.resolve("in.wat"), text);
    var process =
        new ProcessBuilder(
                COMMAND.get(0), COMMAND.get(1), COMMAND.get(2), "in.wat", "-o", "out.wasm")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    try (var output = process.getInputStream()) {
      var said = new String(output.readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(said + text);
      }
      return Files.readAllBytes(directory.resolve("out.wasm"));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A program: the functions of {@code cell}, a memory of 2 MiB, these definitions. */
  static byte[] program(String definitions) {
    return module(
        """
        (module
          (import "cell" "take" (func $take (param i32 i32) (result i32)))
          (import "cell" "words" (func $words (result i32)))
          (import "cell" "receive" (func $receive (param i32) (result i32)))
          (import "cell" "poll" (func $poll (result i32)))
          (import "cell" "send" (func $send (param i32 i32) (result i32)))
          (import "cell" "get" (func $get (param i32 i32) (result i32)))
          (import "cell" "put" (func $put (param i32 i32 i32 i32) (result i32)))
          (import "cell" "delete" (func $delete (param i32 i32) (result i32)))
          (import "cell" "list" (func $list (result i32)))
          (import "cell" "random" (func $random (param i32) (result i32)))
          (import "cell" "time" (func $time (result i32)))
          (import "cell" "fetch"
            (func $fetch (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (import "cell" "call" (func $call (param i32 i32 i32 i32) (result i32)))
          (import "cell" "tor" (func $tor (param i32 i32) (result i32)))
          (import "cell" "exit" (func $exit (param i32) (result i32)))
          (import "cell" "fail" (func $fail (param i32 i32)))
          (memory (export "memory") 32)
          %s)
        """
            .formatted(definitions));
  }

  /** A program whose entry does this. */
  static byte[] doing(String body) {
    return program("(func (export \"_start\") (local $n i32) (local $i i32) " + body + ")");
  }
}
