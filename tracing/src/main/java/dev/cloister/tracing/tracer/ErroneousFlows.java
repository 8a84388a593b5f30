package dev.cloister.tracing.tracer;

import java.util.BitSet;

/**
 * Which connections were erroneous, by their numbers; numbers beyond a bound are only counted. For
 * one thread at a time.
 */
final class ErroneousFlows {
  /** So many connections are told apart: 32 MiB at the worst. */
  private static final long NUMBER_MAX = 1L << 28;

  private final BitSet numbers = new BitSet();
  private long count;

  void add(long flow) {
    if (!contains(flow)) {
      count++;
    }
    if (flow < NUMBER_MAX) {
      numbers.set((int) flow);
    }
  }

  boolean contains(long flow) {
    return flow < NUMBER_MAX && numbers.get((int) flow);
  }

  long count() {
    return count;
  }
}
