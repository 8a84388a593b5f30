package dev.cloister.tracing.flow;

import java.time.Duration;

/**
 * What a reassembler may use, and how long it waits. Immutable. Times are of the packets' own
 * clock.
 *
 * @param connections how many connections are remembered at most
 * @param reorderBytes how much may wait behind a hole in one direction, before the hole is given up
 * @param reorderBytesTotal the same for all directions together
 * @param historyBytes how much of a direction's past is kept to compare copies with, in pages of
 *     4096
 * @param historyBytesTotal the same for all directions together
 * @param midstreamBytes how much of a direction that has no beginning may wait for what came before
 *     it
 * @param acknowledgedPackets how many packets come after a hole was acknowledged by its receiver,
 *     before it is given up: the receiver had it, so the capture missed it
 * @param idle how long an open connection may be silent
 * @param embryonic how long a connection without any data may be silent
 * @param linger how long a closed connection's last packets are waited for
 * @param remembered how long a closed connection keeps its number
 */
public record ReassemblyLimits(
    int connections,
    int reorderBytes,
    long reorderBytesTotal,
    int historyBytes,
    long historyBytesTotal,
    int midstreamBytes,
    int acknowledgedPackets,
    Duration idle,
    Duration embryonic,
    Duration linger,
    Duration remembered) {

  /** Checks the limits. */
  public ReassemblyLimits {
    atLeast("connections", connections, 1);
    atLeast("reorderBytes", reorderBytes, 0);
    atLeast("reorderBytesTotal", reorderBytesTotal, 0);
    atLeast("historyBytesTotal", historyBytesTotal, 0);
    atLeast("midstreamBytes", midstreamBytes, 0);
    atLeast("acknowledgedPackets", acknowledgedPackets, 1);
    atLeast("historyBytes", historyBytes, History.PAGE_BYTES);
  }

  private static void atLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(what + " " + value + ": must be at least " + least);
    }
  }

  /**
   * Returns limits for a tracer that runs for long: 240 MiB at most, of which each connection takes
   * a KiB beside the bytes of its streams. The times are those of RFC 5382 for translators, which
   * forget connections too.
   *
   * @return 131072 connections, 1 MiB waiting in a direction and 64 MiB in all, 64 KiB of past in a
   *     direction and 48 MiB in all
   */
  public static ReassemblyLimits forTracing() {
    return new ReassemblyLimits(
        1 << 17,
        1 << 20,
        64L << 20,
        64 << 10,
        48L << 20,
        8 << 10,
        3,
        Duration.ofMinutes(124),
        Duration.ofMinutes(4),
        Duration.ofSeconds(5),
        Duration.ofMinutes(1));
  }

  /**
   * Returns limits for looking into one capture file: nothing is given up before its end, and all
   * of it is compared, in as much memory as the file is large.
   *
   * @return limits that no file of a gigabyte reaches
   */
  public static ReassemblyLimits forExactness() {
    var forever = Duration.ofDays(36_500);
    return new ReassemblyLimits(
        1 << 24,
        1 << 30,
        1L << 30,
        1 << 26,
        1L << 30,
        1 << 30,
        Integer.MAX_VALUE,
        forever,
        forever,
        forever,
        forever);
  }
}
