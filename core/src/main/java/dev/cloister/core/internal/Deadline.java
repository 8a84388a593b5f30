package dev.cloister.core.internal;

import dev.cloister.core.TimeSource;
import java.time.Duration;

/** A moment by which a thread stops waiting, by the clock that it waits by. Immutable. */
public final class Deadline {
  /** About 146 years: far enough for a wait, near enough not to overflow. */
  private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE / 2);

  private final Duration within;
  private final TimeSource clock;
  private final long atNanos;

  private Deadline(Duration within, TimeSource clock) {
    this.within = within;
    this.clock = clock;
    this.atNanos = clock.nanoTime() + (within.compareTo(NEVER) < 0 ? within : NEVER).toNanos();
  }

  /**
   * Sets one in real time, in which threads wait whatever the clocks say.
   *
   * @param time from now, however long
   * @return a deadline
   */
  public static Deadline in(Duration time) {
    return in(time, TimeSource.system());
  }

  /**
   * Sets one by a clock.
   *
   * @param time from now, however long
   * @param clock what it is measured by
   * @return a deadline
   */
  public static Deadline in(Duration time, TimeSource clock) {
    return new Deadline(time, clock);
  }

  /**
   * Returns what was allowed in the beginning.
   *
   * @return as it was given
   */
  public Duration within() {
    return within;
  }

  /**
   * Tells whether it is over.
   *
   * @return whether nothing is left
   */
  public boolean hasPassed() {
    return nanosLeft() <= 0;
  }

  /**
   * Tells what is left.
   *
   * @return nanoseconds; zero or less when it has passed
   */
  public long nanosLeft() {
    return atNanos - clock.nanoTime();
  }

  /**
   * Tells how long to wait on a monitor, or with a selector.
   *
   * @return milliseconds, never 0, which would be without end
   */
  public long millisLeft() {
    return Math.max(1, nanosLeft() / 1_000_000 + 1);
  }
}
