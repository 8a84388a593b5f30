package dev.cloister.core.testing;

import dev.cloister.core.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** Clocks that stand still until the test moves them. Safe for use by many threads. */
public final class FakeTime implements TimeSource {
  private Instant now;
  private long nanos;

  private FakeTime(Instant start) {
    this.now = start;
  }

  /**
   * Makes clocks.
   *
   * @param start the time of day they stand at
   * @return clocks whose monotonic time is zero
   */
  public static FakeTime startingAt(Instant start) {
    return new FakeTime(start);
  }

  /**
   * Lets time pass on both clocks.
   *
   * @param duration how much, not negative
   */
  public synchronized void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "advance(" + duration + "): time does not go back; stepTo moves the time of day alone");
    }
    now = now.plus(duration);
    nanos += duration.toNanos();
  }

  /**
   * Steps the time of day, as an operator or a time server may; the monotonic clock does not move.
   *
   * @param instant the new time of day
   */
  public synchronized void stepTo(Instant instant) {
    now = instant;
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }
}
