package dev.cloister.sandbox.cgroup;

/**
 * What one function may take, as the kernel is told. Immutable; what is not set is unlimited, or as
 * the parent group limits it.
 *
 * @param memoryBytes memory with swap, rounded down to whole pages; at least {@link
 *     #LEAST_MEMORY_BYTES}, or {@link #UNLIMITED}
 * @param processes processes and threads that live at once, at least 1, or {@link #UNLIMITED}
 * @param cpuQuotaMicros microseconds of processor time in each period, at least 1,000, or {@link
 *     #UNLIMITED}; more than the period is more than one processor
 * @param cpuPeriodMicros the period, 1,000 to 1,000,000
 */
public record ControlLimits(
    long memoryBytes, long processes, long cpuQuotaMicros, long cpuPeriodMicros) {
  /** No limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Below this no process starts: 256 KiB. */
  public static final long LEAST_MEMORY_BYTES = 256 << 10;

  /**
   * The period unless a share is too small for it: 10 ms. What uses up its share keeps the others
   * waiting for a few milliseconds then, and not for half of the kernel's own 100 ms.
   */
  public static final long CPU_PERIOD_MICROS = 10_000;

  /** The least share of a processor that the kernel can be told: a millisecond in a second. */
  public static final double LEAST_CPU_SHARE = 0.001;

  private static final long LEAST_MICROS = 1_000;
  private static final long LONGEST_PERIOD_MICROS = 1_000_000;
  private static final int MOST_CPU_SHARE = 65_536;

  /** Checks what the kernel would refuse. */
  public ControlLimits {
    require("memoryBytes", memoryBytes, LEAST_MEMORY_BYTES, UNLIMITED);
    require("processes", processes, 1, UNLIMITED);
    require("cpuQuotaMicros", cpuQuotaMicros, LEAST_MICROS, UNLIMITED);
    require("cpuPeriodMicros", cpuPeriodMicros, LEAST_MICROS, LONGEST_PERIOD_MICROS);
  }

  private static void require(String name, long value, long least, long most) {
    if (value < least || value > most) {
      var upTo = most == UNLIMITED ? " or more" : " to " + most;
      throw new IllegalArgumentException(name + " " + value + ": allowed are " + least + upTo);
    }
  }

  /**
   * Limits nothing.
   *
   * @return accounting alone
   */
  public static ControlLimits none() {
    return new ControlLimits(UNLIMITED, UNLIMITED, UNLIMITED, CPU_PERIOD_MICROS);
  }

  /**
   * Limits memory.
   *
   * @param bytes memory with swap
   * @return these limits with that one
   */
  public ControlLimits withMemoryBytes(long bytes) {
    return new ControlLimits(bytes, processes, cpuQuotaMicros, cpuPeriodMicros);
  }

  /**
   * Limits processes and threads.
   *
   * @param count how many live at once
   * @return these limits with that one
   */
  public ControlLimits withProcesses(long count) {
    return new ControlLimits(memoryBytes, count, cpuQuotaMicros, cpuPeriodMicros);
  }

  /**
   * Limits processor time by a share, in the shortest period from {@link #CPU_PERIOD_MICROS} on in
   * which the kernel can give that little.
   *
   * @param share of one processor: 0.5 is a half, 2 is two; at least {@link #LEAST_CPU_SHARE}
   * @return these limits with that one
   */
  public ControlLimits withCpuShare(double share) {
    if (!(share >= LEAST_CPU_SHARE && share <= MOST_CPU_SHARE)) {
      throw new IllegalArgumentException(
          "CPU share %s: allowed are %s to %s processors"
              .formatted(share, LEAST_CPU_SHARE, MOST_CPU_SHARE));
    }
    var period = Math.max(CPU_PERIOD_MICROS, (long) Math.ceil(LEAST_MICROS / share));
    return new ControlLimits(memoryBytes, processes, Math.round(share * period), period);
  }

  /** In processors, infinite without a limit. */
  double cpuShare() {
    return cpuQuotaMicros == UNLIMITED
        ? Double.POSITIVE_INFINITY
        : (double) cpuQuotaMicros / cpuPeriodMicros;
  }
}
