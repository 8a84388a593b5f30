package dev.cloister.sandbox.confine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a seccomp program as the kernel would; fails on what the kernel would not load. */
final class BpfMachine {
  private final ByteBuffer program;

  BpfMachine(byte[] program) {
    this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
  }

  int run(int architecture, int number, long... arguments) {
    var data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, number).putInt(4, architecture);
    for (var i = 0; i < arguments.length; i++) {
      data.putLong(16 + 8 * i, arguments[i]);
    }
    var accumulator = 0;
    for (var at = 0; ; at++) {
      var code = program.getShort(8 * at) & 0xffff;
      var whenTrue = program.get(8 * at + 2) & 0xff;
      var whenFalse = program.get(8 * at + 3) & 0xff;
      var value = program.getInt(8 * at + 4);
      switch (code) {
        case 0x20 -> accumulator = data.getInt(value);
        case 0x54 -> accumulator &= value;
        case 0x05 -> at += value;
        case 0x15 -> at += accumulator == value ? whenTrue : whenFalse;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, value) >= 0 ? whenTrue : whenFalse;
        case 0x45 -> at += (accumulator & value) != 0 ? whenTrue : whenFalse;
        case 0x06 -> {
          return value;
        }
        default -> throw new AssertionError("instruction " + at + " has code " + code);
      }
    }
  }
}
