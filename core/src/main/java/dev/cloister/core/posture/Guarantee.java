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
  NOTHING_RAW_ON_DISK(4, "use encrypted stores only"),

  /**
   * No other process reads this one's memory, environment or open files, or debugs it: none of
   * another user, none of the same. Root's can.
   */
  MEMORY_UNREADABLE(5, "harden the process: ContextPlan.harden(ProcessSeal.forTracing())"),

  /** No thread of this process is root's, or has a capability, or can get one. */
  NO_PRIVILEGES(
      6,
      "harden the process, and start java as root, which is then given up, or as a user without"
          + " capabilities"),

  /** Nothing is run in this process, and none is born of it, but what ran at the seal. */
  NO_NEW_PROGRAM(7, "harden the process on a kernel with seccomp"),

  /** Nobody connects to this process: no socket is bound, listens, or takes a connection. */
  NOTHING_LISTENS(8, "harden the process on a kernel with seccomp, after every gate is open"),

  /** Every system call fails but those of a list that fits this build of Java. */
  CALLS_CONFINED(
      9,
      "harden the process, with a build of Java whose list of system calls ships with this"
          + " library: 25.0.3+9-LTS on amd64"),

  /** The Java runtime lets no tool attach, and prints no dump at a signal or a crash. */
  NO_ATTACH(10, "start java with -XX:+DisableAttachMechanism -Xrs -XX:+SuppressFatalErrorMessage"),

  /** No file is opened but below the paths that were declared; Java's own are among them. */
  FILES_CONFINED(
      11,
      "relaunch the process under Landlock (Linux 6.10 or newer) as the first line of main:"
          + " ProcessSeal.forTracing().relaunchConfined()"),

  /** No connection is made but to a destination that was declared. */
  CONNECTIONS_CONFINED(
      12,
      "harden the process, and declare no connection, or keep to its destination by a firewall");

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
