package dev.cloister.sandbox.runtime.wasm;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A module that makes calls of WASI one after the other and sends what each answered, a byte a
 * call. Numbers go as they are, texts as their address and length. What calls write may go to 512
 * and beyond; texts lie from 4,096 on; at 256 is a vector of 16 bytes at 768, at 264 one of 200,000
 * at 0.
 */
final class WasiScript {
  private static final int TEXTS = 4096;

  private final StringBuilder imports = new StringBuilder();
  private final StringBuilder data = new StringBuilder();
  private final StringBuilder body = new StringBuilder();
  private int calls;
  private int end = TEXTS;

  /** One call: each parameter is a letter of its type, as {@link Signature} has them. */
  WasiScript call(String name, String parameters, Object... values) {
    var types = new StringBuilder();
    var arguments = new StringBuilder();
    for (var value : values) {
      if (value instanceof Number number) {
        var type = parameters.charAt(types.length()) == 'l' ? "i64" : "i32";
        types.append(parameters.charAt(types.length()));
        arguments.append("(%s.const %d)".formatted(type, number.longValue()));
      } else {
        var text = value instanceof byte[] bytes ? bytes : bytes((String) value);
        types.append("ii");
        arguments.append("(i32.const %d)(i32.const %d)".formatted(laid(text), text.length));
      }
    }
    var declared = new StringBuilder();
    parameters.chars().forEach(type -> declared.append(type == 'l' ? " i64" : " i32"));
    imports.append(
        "(import \"wasi_snapshot_preview1\" \"%s\" (func $f%d (param%s) (result i32)))"
            .formatted(name, calls, declared));
    body.append("(i32.store8 (i32.const %d) (call $f%d %s))".formatted(calls, calls, arguments));
    calls++;
    return this;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private int laid(byte[] text) {
    var at = end;
    data.append("(data (i32.const %d) \"".formatted(at));
    for (var each : text) {
      data.append('\\').append(HexFormat.of().toHexDigits(each));
    }
    data.append("\")");
    end += text.length;
    return at;
  }

  /** Opens a path from a directory, following links, with these rights. */
  WasiScript open(int from, Object path, int how, long rights) {
    return call("path_open", "iiiiillii", from, 1, path, how, rights, rights, 0, 512);
  }

  /** Opens a directory, with these rights for it and for what is opened by it. */
  WasiScript enter(int from, Object path, long rights) {
    var own = rights & Rights.OF_DIRECTORY;
    return call("path_open", "iiiiillii", from, 1, path, 2, own, rights, 0, 512);
  }

  /** Sends one byte of the memory as if a call had answered it. */
  WasiScript look(int address) {
    body.append(
        "(i32.store8 (i32.const %d) (i32.load8_u (i32.const %d)))".formatted(calls, address));
    calls++;
    return this;
  }

  /** Makes the calls once. */
  byte[] module() {
    return module(body.toString());
  }

  /** Makes the calls again and again. */
  byte[] endless() {
    return module("(loop $again %s (br $again))".formatted(body));
  }

  private byte[] module(String does) {
    return Assembler.module(
        """
        (module %s
          (import "cell" "send" (func $send (param i32 i32) (result i32)))
          (memory (export "memory") 4)
          (data (i32.const 256) "\\00\\03\\00\\00\\10\\00\\00\\00\\00\\00\\00\\00\\40\\0d\\03\\00")
          %s
          (func (export "_start") %s
            (drop (call $send (i32.const 0) (i32.const %d)))))
        """
            .formatted(imports, data, does, calls));
  }
}
