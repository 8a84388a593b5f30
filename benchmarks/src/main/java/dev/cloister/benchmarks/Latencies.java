package dev.cloister.benchmarks;

import java.util.Arrays;

/** How long each of many things took. */
final class Latencies {
  private static final double NANOS_PER_MILLI = 1e6;

  private long[] nanos = new long[1024];
  private int count;

  void add(long took) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = took;
  }

  int count() {
    return count;
  }

  /** The least that so many in a hundred do not exceed, in milliseconds. */
  double millis(int percent) {
    var sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    var rank = (int) Math.ceil(count * percent / 100.0);
    return sorted[Math.max(1, rank) - 1] / NANOS_PER_MILLI;
  }
}
