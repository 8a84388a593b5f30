package dev.cloister.core;

import java.time.Instant;

/**
 * The two clocks of a context, which the caller may replace; {@code dev.cloister.core.testing} has
 * one that the test moves. Implementations are safe for use by many threads.
 */
public interface TimeSource {

  /**
   * Returns the time of day, which may jump.
   *
   * @return now
   */
  Instant now();

  /**
   * Returns a time that never goes back, for measuring durations.
   *
   * @return nanoseconds since some fixed moment
   */
  long nanoTime();

  /**
   * Returns the clocks of the system.
   *
   * @return one that keeps no state
   */
  static TimeSource system() {
    return SystemTime.INSTANCE;
  }

  /** The system's clocks. */
  enum SystemTime implements TimeSource {
    /** The only one; it keeps no state. */
    INSTANCE;

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }
  }
}
