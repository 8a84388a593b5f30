package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.util.BitSet;
import java.util.Set;

/**
 * The processors that one host's functions in the background are kept on: the last of those that
 * this process has, as many as the shares of all of them need together. So whoever wakes up finds a
 * processor that none of them is on, as long as there is one. Safe for use by many threads.
 */
final class BackgroundProcessors {
  /** What a sum of shares may be off. */
  private static final double ROUNDING = 1e-9;

  private final Kernel kernel;
  private final BitSet all;
  private double shares;

  /** Asks which processors there are; where that is not known, nobody is kept on any. */
  BackgroundProcessors(Kernel kernel) {
    this.kernel = kernel;
    this.all = processors(kernel);
  }

  private static BitSet processors(Kernel kernel) {
    try {
      return kernel.processors();
    } catch (IOException _) {
      return new BitSet();
    }
  }

  /** A function goes to the background. */
  synchronized void add(double share) {
    shares += most(share);
  }

  /** It leaves. */
  synchronized void remove(double share) {
    shares -= most(share);
  }

  private double most(double share) {
    return Math.min(share, all.cardinality());
  }

  /** All of them. */
  BitSet all() {
    return (BitSet) all.clone();
  }

  /** Those of the background now. */
  synchronized BitSet now() {
    var needed = Math.max(1, (int) Math.ceil(shares - ROUNDING));
    var now = all();
    while (now.cardinality() > needed) {
      now.clear(now.nextSetBit(0));
    }
    return now;
  }

  /** Keeps threads, and what they start, on some of them. */
  void keep(BitSet processors, Set<Long> threads) throws IOException {
    kernel.keepOn(processors, threads);
  }
}
