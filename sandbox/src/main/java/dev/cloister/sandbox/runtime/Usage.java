package dev.cloister.sandbox.runtime;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a function used: what its runtime accounts, and what its host meters. A number that a
 * runtime does not claim to account stays 0.
 *
 * @param cpuNanos CPU time of all its processes
 * @param memoryPeakBytes the most memory it held at once
 * @param processesPeak the most processes it had at once
 * @param wallNanos from the start to now, or to its end
 * @param diskBytes what its store holds
 * @param bytesIn what it was given: code, data, messages, pages, answers
 * @param bytesOut what it gave away: messages, requests
 * @param deniedCalls calls of the system that were denied, by name, with how often
 */
public record Usage(
    long cpuNanos,
    long memoryPeakBytes,
    long processesPeak,
    long wallNanos,
    long diskBytes,
    long bytesIn,
    long bytesOut,
    SortedMap<String, Long> deniedCalls) {

  /** Nothing used yet. */
  public static final Usage NONE = ofGuest(0, 0, 0, Map.of());

  /** Copies what could change. */
  public Usage {
    deniedCalls = new TreeMap<>(deniedCalls);
  }

  /**
   * Says what a runtime accounts.
   *
   * @param cpuNanos CPU time of all its processes
   * @param memoryPeakBytes the most memory it held at once
   * @param processesPeak the most processes it had at once
   * @param deniedCalls calls of the system that were denied, by name, with how often
   * @return with nothing metered
   */
  public static Usage ofGuest(
      long cpuNanos, long memoryPeakBytes, long processesPeak, Map<String, Long> deniedCalls) {
    return new Usage(
        cpuNanos, memoryPeakBytes, processesPeak, 0, 0, 0, 0, new TreeMap<>(deniedCalls));
  }

  /**
   * Adds what the host meters.
   *
   * @param wall nanoseconds from the start
   * @param disk what the store holds
   * @param in bytes it was given, beside what its runtime accounts
   * @param out bytes it gave away, likewise
   * @return these and the runtime's
   */
  public Usage metered(long wall, long disk, long in, long out) {
    return new Usage(
        cpuNanos,
        memoryPeakBytes,
        processesPeak,
        wall,
        disk,
        bytesIn + in,
        bytesOut + out,
        deniedCalls);
  }
}
