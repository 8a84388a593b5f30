package dev.cloister.core.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Classic BPF for seccomp, put together from pieces that each end in a verdict, so that any piece
 * can stand anywhere. Source: seccomp(2), linux/filter.h.
 *
 * @param instructions in order
 */
public record FilterProgram(List<Instruction> instructions) {
  /** What the kernel takes; BPF_MAXINSNS. */
  public static final int MOST_INSTRUCTIONS = 4096;

  /** The verdict that lets a call through. */
  public static final int ALLOW = 0x7fff0000;

  /** The verdict that tells whoever listens, and leaves the answer to it. */
  public static final int TELL_LISTENER = 0x7fc00000;

  private static final int FAIL_WITH = 0x00050000;

  /** The verdict that fails a call as one that is not permitted. */
  public static final int EPERM = FAIL_WITH | 1;

  /** The verdict that fails a call as one that the kernel does not have. */
  public static final int ENOSYS = FAIL_WITH | 38;

  /** Numbers of the x32 ABI have this bit; linux/include/uapi asm/unistd.h. */
  static final int X32_BIT = 0x40000000;

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

  /** Copies. */
  public FilterProgram {
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
  public record Instruction(int code, int whenTrue, int whenFalse, int value) {}

  /**
   * Ends with a verdict.
   *
   * @param verdict one of the constants here
   * @return one instruction
   */
  public static FilterProgram answer(int verdict) {
    return new FilterProgram(List.of(new Instruction(RETURN, 0, 0, verdict)));
  }

  /**
   * Judges each call by its number, found by a binary search.
   *
   * @param architecture whose numbers these are; a call of another gets {@code otherwise}
   * @param verdicts what judges a number
   * @param otherwise what judges every other, also beyond any table, and the x32 ABI's
   * @return the whole program
   */
  public static FilterProgram byNumber(
      Architecture architecture,
      SortedMap<Integer, FilterProgram> verdicts,
      FilterProgram otherwise) {
    var steps = List.copyOf(steps(verdicts, otherwise).entrySet());
    return after(
        new Instruction(LOAD_WORD, 0, 0, ARCHITECTURE),
        whenEqual(
            architecture.auditNumber(),
            after(
                new Instruction(LOAD_WORD, 0, 0, NUMBER),
                whenAtLeast(X32_BIT, otherwise, search(steps))),
            otherwise));
  }

  /** From which number on which piece answers, up to the next key. */
  private static NavigableMap<Integer, FilterProgram> steps(
      SortedMap<Integer, FilterProgram> verdicts, FilterProgram otherwise) {
    var steps = new TreeMap<Integer, FilterProgram>();
    var last = otherwise;
    steps.put(0, otherwise);
    var end = 0;
    for (var entry : verdicts.entrySet()) {
      if (entry.getKey() > end && !last.equals(otherwise)) {
        steps.put(end, otherwise);
        last = otherwise;
      }
      if (!entry.getValue().equals(last)) {
        steps.put(entry.getKey(), entry.getValue());
        last = entry.getValue();
      }
      end = entry.getKey() + 1;
    }
    if (!last.equals(otherwise)) {
      steps.put(end, otherwise);
    }
    return steps;
  }

  private static FilterProgram search(List<Map.Entry<Integer, FilterProgram>> steps) {
    if (steps.size() == 1) {
      return steps.getFirst().getValue();
    }
    var middle = steps.size() / 2;
    return whenAtLeast(
        steps.get(middle).getKey(),
        search(steps.subList(middle, steps.size())),
        search(steps.subList(0, middle)));
  }

  /**
   * Loads an argument's low half, all that the kernel reads of an int.
   *
   * @param index of the argument, from 0
   * @param then what follows
   * @return both
   */
  public static FilterProgram withArgument(int index, FilterProgram then) {
    return after(new Instruction(LOAD_WORD, 0, 0, ARGUMENTS + 8 * index), then);
  }

  /**
   * Loads an argument's high half, without which an address is not known.
   *
   * @param index of the argument, from 0
   * @param then what follows
   * @return both
   */
  public static FilterProgram withHighHalf(int index, FilterProgram then) {
    return after(new Instruction(LOAD_WORD, 0, 0, ARGUMENTS + 8 * index + 4), then);
  }

  /**
   * Keeps only some bits of what was loaded.
   *
   * @param mask which
   * @param then what follows
   * @return both
   */
  public static FilterProgram masked(int mask, FilterProgram then) {
    return after(new Instruction(AND, 0, 0, mask), then);
  }

  private static FilterProgram whenAtLeast(int value, FilterProgram then, FilterProgram otherwise) {
    return choose(JUMP_IF_AT_LEAST, value, then, otherwise);
  }

  /**
   * Compares what was loaded.
   *
   * @param value with what
   * @param then what follows when they are equal
   * @param otherwise what follows when not
   * @return all of it
   */
  public static FilterProgram whenEqual(int value, FilterProgram then, FilterProgram otherwise) {
    return choose(JUMP_IF_EQUAL, value, then, otherwise);
  }

  /**
   * Looks at bits of what was loaded.
   *
   * @param bits which
   * @param then what follows when one of them is set
   * @param otherwise what follows when none is
   * @return all of it
   */
  public static FilterProgram whenAnyBit(int bits, FilterProgram then, FilterProgram otherwise) {
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

  /**
   * Returns what the kernel takes.
   *
   * @return struct sock_filter[], little-endian as every architecture known here
   * @throws IllegalStateException when it is longer than {@value #MOST_INSTRUCTIONS}
   */
  public byte[] bytes() {
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
