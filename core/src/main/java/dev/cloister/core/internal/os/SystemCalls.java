package dev.cloister.core.internal.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The names of Linux's system calls and their numbers on one architecture. Says nothing of what a
 * call does, and does not know the calls of a kernel newer than the table. Immutable. Source: the
 * kernel's headers asm/unistd_64.h and asm-generic/unistd.h.
 */
public final class SystemCalls {
  private static final String TABLE = "system-calls.txt";

  private final Architecture architecture;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Set<String> known;

  private SystemCalls(Architecture architecture, List<String[]> table) {
    this.architecture = architecture;
    var column =
        switch (architecture) {
          case X86_64 -> 1;
          case AARCH64 -> 2;
        };
    for (var row : table) {
      if (!row[column].equals("-")) {
        var number = Integer.parseInt(row[column]);
        numbers.put(row[0], number);
        names.put(number, row[0]);
      }
    }
    known = Set.copyOf(table.stream().map(row -> row[0]).toList());
  }

  /**
   * Returns the table, which is read once.
   *
   * @param architecture whose numbers
   * @return the one table of it
   */
  public static SystemCalls of(Architecture architecture) {
    return switch (architecture) {
      case X86_64 -> Tables.X86_64;
      case AARCH64 -> Tables.AARCH64;
    };
  }

  private static SystemCalls read(Architecture architecture) {
    return new SystemCalls(
        architecture, lines(TABLE).stream().map(line -> line.split(" ", -1)).toList());
  }

  /** Read at the first use: it takes longer than all else that a start does with names. */
  private static final class Tables {
    static final SystemCalls X86_64 = read(Architecture.X86_64);
    static final SystemCalls AARCH64 = read(Architecture.AARCH64);
  }

  private static List<String> lines(String resource) {
    try (var in = Objects.requireNonNull(SystemCalls.class.getResourceAsStream(resource))) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " of this library cannot be read", e);
    }
  }

  /**
   * Returns whose numbers these are.
   *
   * @return the architecture
   */
  public Architecture architecture() {
    return architecture;
  }

  /**
   * Returns a call's number.
   *
   * @param name as in syscalls(2)
   * @return empty where this architecture has no such call
   */
  public OptionalInt number(String name) {
    var number = numbers.get(name);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /**
   * Tells whether a name is that of a call.
   *
   * @param name to be looked for
   * @return whether any architecture has it
   */
  public boolean isKnown(String name) {
    return known.contains(name);
  }

  /**
   * Returns what a call is named to people, whatever its number.
   *
   * @param calledArchitecture AUDIT_ARCH_… of the call
   * @param number of the call
   * @return never empty
   */
  public String name(int calledArchitecture, int number) {
    if (calledArchitecture != architecture.auditNumber()) {
      return "call " + number + " of another architecture";
    }
    if ((number & FilterProgram.X32_BIT) != 0) {
      return "x32 call " + (number & ~FilterProgram.X32_BIT);
    }
    return names.getOrDefault(number, "call " + number);
  }
}
