package dev.cloister.sandbox.runtime.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a module's outline before the engine does, so that none of the engine's lists grows beyond
 * what the module's own bytes pay for. It does not validate; the engine does. Source: WebAssembly
 * Core Specification 2.0, section 5.5.
 */
final class ModuleOutline {
  /** The longest module: 4 MiB. */
  static final int MODULE_BYTES = 4 << 20;

  /** The longest body of one function: 128 KiB. */
  static final int BODY_BYTES = 128 << 10;

  /** The most locals of one function. */
  static final int LOCALS = 1024;

  /** The most locals of all functions together. */
  static final int ALL_LOCALS = 1 << 20;

  private static final long MAGIC_AND_VERSION = 0x1_6d73_6100L;
  private static final int CUSTOM = 0;
  private static final int TYPE = 1;
  private static final int CODE = 10;
  private static final int DATA = 11;
  private static final int LAST = 12;

  /** The most entries of each section, by its id. */
  private static final int[] ENTRIES = {
    0, 2_000, 256, 20_000, 16, 1, 20_000, 20_000, 1, 20_000, 20_000, 20_000, 20_000
  };

  private static final String[] NAMES = {
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count"
  };

  private final ByteBuffer module;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private ModuleOutline(byte[] module) {
    this.module = ByteBuffer.wrap(module).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks a module's outline.
   *
   * @return the module without its custom sections, which say nothing to the engine
   */
  static byte[] checked(byte[] module) throws ModuleRejected {
    check(
        module.length <= MODULE_BYTES,
        "module of " + module.length + " bytes: at most " + MODULE_BYTES);
    try {
      return new ModuleOutline(module).read();
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      throw new ModuleRejected("not a WebAssembly module: it is cut off");
    }
  }

  private byte[] read() throws ModuleRejected {
    check(
        module.remaining() >= Long.BYTES && module.getLong() == MAGIC_AND_VERSION,
        "not a WebAssembly module: it does not begin with \\0asm and version 1");
    keep(0, module.position());
    while (module.hasRemaining()) {
      var from = module.position();
      var id = module.get() & 0xff;
      check(id <= LAST, "a section of the unknown id " + id + ": allowed are 0 to " + LAST);
      var length = size();
      var section = slice(length);
      if (id != CUSTOM) {
        section(id, section);
        keep(from, module.position());
      }
    }
    return kept.toByteArray();
  }

  private void keep(int from, int to) {
    kept.write(module.array(), from, to - from);
  }

  private int size() throws ModuleRejected {
    return size(module);
  }

  private ByteBuffer slice(int length) throws ModuleRejected {
    check(
        length <= module.remaining(),
        "a section of " + length + " bytes: " + module.remaining() + " are left");
    var slice = module.slice(module.position(), length);
    module.position(module.position() + length);
    return slice;
  }

  private static void section(int id, ByteBuffer section) throws ModuleRejected {
    // The start section is an index, not a list.
    var count = size(section);
    check(
        id == 8 || count <= ENTRIES[id],
        count + " entries in the " + NAMES[id] + " section: at most " + ENTRIES[id]);
    switch (id) {
      case TYPE -> types(section);
      case CODE -> bodies(section, count);
      case DATA -> segments(section, count);
      default -> {}
    }
  }

  /** Types of functions alone: structs and arrays would lie outside the module's memory. */
  private static void types(ByteBuffer section) throws ModuleRejected {
    while (section.hasRemaining()) {
      var form = section.get() & 0xff;
      check(form == 0x60, "a type of form " + form + ": allowed is 96, a function's");
      skip(section, size(section));
      skip(section, size(section));
    }
  }

  private static void bodies(ByteBuffer section, int count) throws ModuleRejected {
    var all = 0L;
    for (var i = 0; i < count; i++) {
      var length = size(section);
      check(length <= BODY_BYTES, "a function of " + length + " bytes: at most " + BODY_BYTES);
      var end = section.position() + length;
      all += locals(section);
      check(all <= ALL_LOCALS, "more than " + ALL_LOCALS + " locals in all functions");
      section.position(end);
    }
  }

  private static long locals(ByteBuffer body) throws ModuleRejected {
    var locals = 0L;
    for (var groups = size(body); groups > 0; groups--) {
      locals += size(body);
      check(locals <= LOCALS, "more than " + LOCALS + " locals in one function");
      body.get();
    }
    return locals;
  }

  /** Each segment: where it goes, and bytes that are really there. */
  private static void segments(ByteBuffer section, int count) throws ModuleRejected {
    for (var i = 0; i < count; i++) {
      var mode = size(section);
      check(mode <= 2, "a data segment of mode " + mode + ": allowed are 0 to 2");
      if (mode == 2) {
        size(section);
      }
      if (mode != 1) {
        offset(section);
      }
      skip(section, size(section));
    }
  }

  /** A constant expression: a number or a global, and its end. */
  private static void offset(ByteBuffer section) throws ModuleRejected {
    var opcode = section.get() & 0xff;
    check(
        opcode == 0x41 || opcode == 0x23,
        "a data segment's offset by instruction "
            + opcode
            + ": allowed are i32.const and global.get");
    while (section.get() < 0) {
      // The number's bytes but the last have the highest bit set.
    }
    check(section.get() == 0x0b, "a data segment's offset of more than one instruction");
  }

  private static void skip(ByteBuffer section, int bytes) throws ModuleRejected {
    check(
        bytes <= section.remaining(),
        bytes + " bytes announced: " + section.remaining() + " are left");
    section.position(section.position() + bytes);
  }

  /** An unsigned number of at most 32 bits that can be a size. */
  private static int size(ByteBuffer from) throws ModuleRejected {
    var value = 0L;
    for (var shift = 0; shift < 35; shift += 7) {
      var next = from.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        check(value <= Integer.MAX_VALUE, "a size of " + value);
        return (int) value;
      }
    }
    throw new ModuleRejected("not a WebAssembly module: a size of more than 32 bits");
  }

  private static void check(boolean holds, String why) throws ModuleRejected {
    if (!holds) {
      throw new ModuleRejected(why);
    }
  }
}
