package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.core.TimeSource;

/**
 * Tells whether a function keeps a processor busy, and so is to be in the background: one that used
 * more than half of its share from one look to the next does, and one that used less does not. One
 * that begins counts as busy until the first look, since what it will do is not known. It does not
 * tell why a function used little: it may have been held back. Looks are at least 20 ms apart, two
 * of the kernel's periods for most shares. For one thread at a time.
 */
final class BusyWatch {
  /** The shortest time between two looks: 20 ms. */
  static final long LOOK_NANOS = 20_000_000;

  private final double share;
  private final TimeSource time;
  private boolean begun;
  private boolean busy;
  private long lookedNanos;
  private long usedNanos;

  /**
   * Knows a function whose code has not begun, which is not busy.
   *
   * @param share of one processor: 0.5 is a half; what a function without a limit has is one; not
   *     more than there are
   */
  BusyWatch(double share, TimeSource time) {
    this.share = share;
    this.time = time;
  }

  /**
   * Says that its code begins.
   *
   * @param cpuNanos processor time used since its start
   */
  void begin(long cpuNanos) {
    begun = true;
    busy = true;
    lookedNanos = time.nanoTime();
    usedNanos = cpuNanos;
  }

  /**
   * Looks, unless its code has not begun or the last look is too young.
   *
   * @param cpuNanos processor time used since its start
   * @return what the last look told
   */
  boolean look(long cpuNanos) {
    var now = time.nanoTime();
    var passed = now - lookedNanos;
    if (begun && passed >= LOOK_NANOS) {
      busy = cpuNanos - usedNanos > share * passed / 2;
      lookedNanos = now;
      usedNanos = cpuNanos;
    }
    return busy;
  }
}
