package dev.cloister.sandbox.confine;

import java.util.EnumMap;
import java.util.Map;

/**
 * The most that one process may take; the kernel refuses or kills beyond it. They count for each
 * process alone: only where fork is refused are they limits of the guest. {@code CORE_BYTES} is 0
 * unless set. Immutable. Source: getrlimit(2).
 *
 * @param values each as soft and hard limit
 */
public record ChildLimits(Map<Resource, Long> values) {

  /** What is limited. */
  public enum Resource {
    /** Processor time in seconds, of all threads; SIGKILL beyond it. */
    CPU_SECONDS(0),
    /** The size of a file that is written; SIGXFSZ beyond it. */
    FILE_BYTES(1),
    /** Private writable memory; ENOMEM. */
    DATA_BYTES(2),
    /** The first thread's stack; SIGSEGV. */
    STACK_BYTES(3),
    /** A core file. */
    CORE_BYTES(4),
    /** Processes and threads of the same user, all of them on the machine; EAGAIN. */
    PROCESSES(6),
    /** One more than the highest descriptor; EMFILE. */
    OPEN_FILES(7),
    /** Locked memory; ENOMEM. */
    LOCKED_BYTES(8),
    /** Address space, touched or not; ENOMEM. */
    ADDRESS_BYTES(9),
    /** Signals that wait for the user's processes; EAGAIN. */
    PENDING_SIGNALS(11),
    /** POSIX message queues of the user; EMFILE. */
    MESSAGE_QUEUE_BYTES(12);

    private final int number;

    Resource(int number) {
      this.number = number;
    }

    /** RLIMIT_… of asm-generic/resource.h. */
    int number() {
      return number;
    }
  }

  /** Checks and copies. */
  public ChildLimits {
    values.forEach((resource, value) -> {
      if (value < 0) {
        throw new IllegalArgumentException(resource + " must not be negative, was " + value);
      }
    });
    var all = new EnumMap<Resource, Long>(Resource.class);
    all.put(Resource.CORE_BYTES, 0L);
    all.putAll(values);
    values = Map.copyOf(all);
  }

  /**
   * Limits nothing but core files, which are not written.
   *
   * @return the least
   */
  public static ChildLimits none() {
    return new ChildLimits(Map.of());
  }

  /**
   * Sets a limit.
   *
   * @param resource which
   * @param value in its unit, at least 0
   * @return these and the one
   */
  public ChildLimits with(Resource resource, long value) {
    var all = new EnumMap<Resource, Long>(Resource.class);
    all.putAll(values);
    all.put(resource, value);
    return new ChildLimits(all);
  }
}
