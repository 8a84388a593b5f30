package dev.cloister.sandbox.host;

import java.time.Duration;

/** A moment by which a thread stops waiting; threads wait in real time, whatever the clocks say. */
final class Deadline {
  /** About 146 years: far enough for a wait, near enough not to overflow. */
  private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE / 2);

  private final long atNanos;

  private Deadline(long atNanos) {
    this.atNanos = atNanos;
  }

  static Deadline in(Duration time) {
    var bounded = time.compareTo(NEVER) > 0 ? NEVER : time;
    return new Deadline(System.nanoTime() + bounded.toNanos());
  }

  boolean hasPassed() {
    return nanosLeft() <= 0;
  }

  long nanosLeft() {
    return atNanos - System.nanoTime();
  }

  /** Returns for how long to wait on a monitor: never 0, which would be without end. */
  long millisLeft() {
    return Math.max(1, nanosLeft() / 1_000_000 + 1);
  }
}
