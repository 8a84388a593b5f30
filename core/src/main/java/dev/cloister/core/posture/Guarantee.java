package dev.cloister.core.posture;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A promise about secrecy that a context can require, each checked on the host it runs on. */
public enum Guarantee {
  /** The root secret rests where not even a privileged debugger reads it. */
  ROOT_SECRET_PROTECTED(
      1,
      "allow memfd_secret(2) (Linux 5.14 or newer, secretmem.enable=1) and start java with"
          + " --enable-native-access=dev.cloister.core"),

  /** No page of this process is written to swap. */
  HEAP_IN_RAM(2, "turn swap off: swapoff -a, or memory.swap.max=0 for this cgroup"),

  /** The host writes no core file of this process. */
  NO_CORE_FILE(3, "set the limit before java starts: ulimit -c 0, and no pipe in core_pattern"),

  /** Whatever raw input a store writes to disk is encrypted under a key that dies with it. */
  NOTHING_RAW_ON_DISK(4, "use encrypted stores only");

  private final int number;
  private final String remedy;

  Guarantee(int number, String remedy) {
    this.number = number;
    this.remedy = remedy;
  }

  /**
   * Returns the number that stands in events.
   *
   * @return a number that no version gives to another guarantee
   */
  public int number() {
    return number;
  }

  /**
   * Returns the name that stands in outputs and options.
   *
   * @return lower case, with dashes
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns what an operator does to have it.
   *
   * @return one line
   */
  public String remedy() {
    return remedy;
  }

  /**
   * Finds a guarantee by its label.
   *
   * @param label as {@link #label()} gives it
   * @return the guarantee, if there is one
   */
  public static Optional<Guarantee> named(String label) {
    return Arrays.stream(values()).filter(g -> g.label().equals(label)).findFirst();
  }
}
