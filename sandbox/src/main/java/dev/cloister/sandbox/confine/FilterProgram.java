package dev.cloister.sandbox.confine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Classic BPF for seccomp, put together from pieces that each end in a verdict, so that any piece
 * can stand anywhere. Source: seccomp(2), linux/filter.h.
 *
 * @param instructions in order
 */
record FilterProgram(List<Instruction> instructions) {
  /** What the kernel takes; BPF_MAXINSNS. */
  static final int MOST_INSTRUCTIONS = 4096;

  private static final int LOAD_WORD = 0x20;
  private static final int JUMP = 0x05;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_AT_LEAST = 0x35;
  private static final int JUMP_IF_SET = 0x45;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;

  private static final int SHORT_JUMP = 255;

  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int ARGUMENTS = 16;

  FilterProgram {
    instructions = List.copyOf(instructions);
  }

  /**
   * One struct sock_filter.
   *
   * @param code the operation
   * @param whenTrue how many instructions to pass over, 0 to 255
   * @param whenFalse likewise
   * @param value the constant
   */
  record Instruction(int code, int whenTrue, int whenFalse, int value) {}

  static FilterProgram answer(int verdict) {
    return new FilterProgram(List.of(new Instruction(RETURN, 0, 0, verdict)));
  }

  /** Asks for the architecture, whose numbers the rest is about. */
  static FilterProgram onArchitecture(int audit, FilterProgram then, FilterProgram otherwise) {
    return after(
        new Instruction(LOAD_WORD, 0, 0, ARCHITECTURE),
        choose(JUMP_IF_EQUAL, audit, then, otherwise));
  }

  /** Loads the call's number for what follows. */
  static FilterProgram withNumber(FilterProgram then) {
    return after(new Instruction(LOAD_WORD, 0, 0, NUMBER), then);
  }

  /** Loads an argument's low half, all that the kernel reads of an int, for what follows. */
  static FilterProgram withArgument(int index, FilterProgram then) {
    return after(new Instruction(LOAD_WORD, 0, 0, ARGUMENTS + 8 * index), then);
  }

  /** Keeps only some bits of what was loaded. */
  static FilterProgram masked(int mask, FilterProgram then) {
    return after(new Instruction(AND, 0, 0, mask), then);
  }

  static FilterProgram whenAtLeast(int value, FilterProgram then, FilterProgram otherwise) {
    return choose(JUMP_IF_AT_LEAST, value, then, otherwise);
  }

  static FilterProgram whenEqual(int value, FilterProgram then, FilterProgram otherwise) {
    return choose(JUMP_IF_EQUAL, value, then, otherwise);
  }

  static FilterProgram whenAnyBit(int bits, FilterProgram then, FilterProgram otherwise) {
    return choose(JUMP_IF_SET, bits, then, otherwise);
  }

  private static FilterProgram after(Instruction first, FilterProgram then) {
    var all = new ArrayList<Instruction>();
    all.add(first);
    all.addAll(then.instructions);
    return new FilterProgram(all);
  }

  private static FilterProgram choose(
      int code, int value, FilterProgram then, FilterProgram otherwise) {
    var all = new ArrayList<Instruction>();
    var distance = then.instructions.size();
    if (distance <= SHORT_JUMP) {
      all.add(new Instruction(code, 0, distance, value));
    } else {
      all.add(new Instruction(code, 1, 0, value));
      all.add(new Instruction(JUMP, 0, 0, distance));
    }
    all.addAll(then.instructions);
    all.addAll(otherwise.instructions);
    return new FilterProgram(all);
  }

  /** Returns struct sock_filter[], little-endian as every architecture known here. */
  byte[] bytes() {
    if (instructions.size() > MOST_INSTRUCTIONS) {
      throw new IllegalStateException(
          "a filter of " + instructions.size() + " instructions: allowed " + MOST_INSTRUCTIONS);
    }
    var bytes = ByteBuffer.allocate(8 * instructions.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (var each : instructions) {
      bytes
          .putShort((short) each.code)
          .put((byte) each.whenTrue)
          .put((byte) each.whenFalse)
          .putInt(each.value);
    }
    return bytes.array();
  }
}
