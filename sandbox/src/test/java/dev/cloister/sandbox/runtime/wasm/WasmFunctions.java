package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.guest.JavaScriptGuest;
import dev.cloister.sandbox.guest.WebAssemblyGuest;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.testing.FunctionRuntimeContract.Behaviour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The functions of the contract in JavaScript and as modules, and the images they run in. */
final class WasmFunctions {
  private WasmFunctions() {}

  static Image image(Path directory, String name) throws IOException {
    var catalog = Files.createDirectories(directory.resolve("images"));
    JavaScriptGuest.install(Files.createDirectory(catalog.resolve("javascript")));
    WebAssemblyGuest.install(Files.createDirectory(catalog.resolve("webassembly")));
    try (var images = ImageCatalog.in(catalog)) {
      return images.find(name).orElseThrow();
    }
  }

  static Launch launch(String cell, Image image, ResourceLimits limits) {
    return new Launch(cell, image, image.systemCalls(), limits, NetworkPolicy.none());
  }

  static byte[] module(Behaviour behaviour) {
    return switch (behaviour) {
      case ECHO ->
          Assembler.doing(
              """
              (loop $again
                (local.set $n (call $receive (i32.const 10000)))
                (if (i32.ge_s (local.get $n) (i32.const 0))
                  (then
                    (drop (call $take (i32.const 0) (local.get $n)))
                    (drop (call $send (i32.const 0) (local.get $n)))
                    (br $again))))
              """);
      case STORE ->
          Assembler.program(
              """
              (data (i32.const 0) "answer42")
              (func (export "_start")
                (drop (call $put (i32.const 0) (i32.const 6) (i32.const 6) (i32.const 2)))
                (drop (call $take (i32.const 16) (call $get (i32.const 0) (i32.const 6))))
                (drop (call $send (i32.const 16) (i32.const 2))))
              """);
      case COUNT_AND_EXIT ->
          Assembler.doing(
              """
              (loop $again
                (i32.store8 (i32.const 0) (i32.add (local.get $i) (i32.const 48)))
                (drop (call $send (i32.const 0) (i32.const 1)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_s (local.get $i) (i32.const 10))))
              (drop (call $exit (i32.const 7)))
              """);
      case RAISE ->
          Assembler.program(
              """
              (data (i32.const 0) "no such luck")
              (func (export "_start") (call $fail (i32.const 0) (i32.const 12)))
              """);
      case ASK_THE_TIME ->
          Assembler.doing(
              """
              (if (i32.eq (call $time) (i32.const -2))
                (then (drop (call $send (i32.const 0) (call $take (i32.const 0) (call $words))))))
              """);
      case SPIN ->
          Assembler.program(
              """
              (data (i32.const 0) "on")
              (func (export "_start")
                (drop (call $send (i32.const 0) (i32.const 2)))
                (loop $again (br $again)))
              """);
      case HOARD ->
          Assembler.program(
              """
              (data (i32.const 0) "onMemoryError")
              (func (export "_start") (local $at i32)
                (drop (call $send (i32.const 0) (i32.const 2)))
                (loop $again
                  (local.set $at (memory.grow (i32.const 16)))
                  (if (i32.lt_s (local.get $at) (i32.const 0))
                    (then (call $fail (i32.const 2) (i32.const 11))))
                  (i32.store (i32.shl (local.get $at) (i32.const 16)) (i32.const 1))
                  (br $again)))
              """);
      case MULTIPLY -> throw new AssertionError("a module cannot make a process");
    };
  }

  static byte[] script(Behaviour behaviour) {
    var source =
        switch (behaviour) {
          case ECHO -> "let m; while ((m = cell.receive(10)) !== null) cell.send(m);";
          case STORE ->
              """
              cell.store.put("answer", new Uint8Array([52, 50]));
              cell.send(cell.store.get("answer"));
              """;
          case COUNT_AND_EXIT ->
              """
              for (let i = 0; i < 10; i++) cell.send(new Uint8Array([48 + i]));
              cell.exit(7);
              """;
          case RAISE -> "throw new TypeError('no such luck');";
          case ASK_THE_TIME ->
              """
              try {
                cell.time();
              } catch (e) {
                if (!(e instanceof cell.Refused)) throw e;
                cell.send(Uint8Array.from(e.grant, c => c.charCodeAt(0)));
              }
              """;
          case SPIN -> "cell.send(new Uint8Array([111, 110])); for (;;);";
          case HOARD ->
              """
              cell.send(new Uint8Array([111, 110]));
              const hoard = [];
              for (;;) hoard.push(new Uint8Array(1 << 20).fill(1));
              """;
          case MULTIPLY -> throw new AssertionError("a script cannot make a process");
        };
    return source.getBytes(UTF_8);
  }
}
