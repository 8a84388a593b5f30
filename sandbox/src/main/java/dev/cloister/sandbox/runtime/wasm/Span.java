package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;

/** A piece of a guest's memory, by the guest's own word: it lies within, or the guest traps. */
record Span(Memory memory, int address, int length) {
  static Span of(Instance guest, long address, long length) {
    var memory = guest.memory();
    var from = address & 0xffff_ffffL;
    var bytes = length & 0xffff_ffffL;
    var end = (long) memory.pages() * Memory.PAGE_SIZE;
    if (from + bytes > end) {
      throw new TrapException(
          "out of bounds memory access: %d bytes at %d of %d".formatted(bytes, from, end));
    }
    return new Span(memory, (int) from, (int) bytes);
  }

  byte[] read() {
    return memory.readBytes(address, length);
  }

  /** Reads the last bytes, and no more than asked. */
  byte[] tail(int most) {
    var read = Math.min(length, most);
    return memory.readBytes(address + length - read, read);
  }

  /** Writes as much as both have room for. */
  int write(byte[] bytes, int from) {
    var written = Math.min(length, bytes.length - from);
    memory.write(address, bytes, from, written);
    return written;
  }

  /** Writes as much of an array's piece as there is room for. */
  void write(byte[] bytes, int from, int length) {
    memory.write(address, bytes, from, Math.min(length, this.length));
  }

  /** What is left of it after so many bytes, at most all. */
  Span from(int offset) {
    return new Span(memory, address + offset, length - offset);
  }

  Span atMost(int most) {
    return new Span(memory, address, Math.min(length, most));
  }

  void writeInt(int value) {
    memory.writeI32(address, value);
  }

  void writeLong(long value) {
    memory.writeLong(address, value);
  }
}
