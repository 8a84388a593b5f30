package dev.cloister.tracing.tracer;

import java.time.Duration;
import java.util.Optional;

/**
 * Tells from how a buffer has filled of late when it will be full, and once for each such time that
 * this is near. For one thread.
 */
final class FillForecast {
  /** What the last minute brought counts, second by second. */
  private static final int SAMPLES = 60;

  private static final int FEWEST_SAMPLES = 10;
  private static final long SAMPLE_NANOS = 1_000_000_000;

  private final long capacityBytes;
  private final Duration near;
  private final long[] held = new long[SAMPLES];
  private final long[] at = new long[SAMPLES];
  private int samples;
  private long nextAt;
  private boolean isWarned;

  /**
   * Begins.
   *
   * @param capacityBytes how much the buffer holds
   * @param near how long before it is full that is told
   * @param nanos when
   */
  FillForecast(long capacityBytes, Duration near, long nanos) {
    this.capacityBytes = capacityBytes;
    this.near = near;
    this.nextAt = nanos;
  }

  /** Returns nanoseconds until it wants to know more; at once after a clock that went back. */
  long due(long nanos) {
    var left = nextAt - nanos;
    return left > SAMPLE_NANOS ? 0 : Math.max(0, left);
  }

  /**
   * Takes what the buffer holds.
   *
   * @param nanos when, not before {@link #due}
   * @param heldBytes how much
   * @return until it is full, when that is near for the first time since it was not
   */
  Optional<Duration> observe(long nanos, long heldBytes) {
    if (samples > 0 && nanos < at[(samples - 1) % SAMPLES]) {
      samples = 0;
    }
    var oldest = samples < SAMPLES ? 0 : samples % SAMPLES;
    var grown = heldBytes - held[oldest];
    var seconds = (nanos - at[oldest]) / (double) SAMPLE_NANOS;
    held[samples % SAMPLES] = heldBytes;
    at[samples % SAMPLES] = nanos;
    samples++;
    nextAt = nanos + SAMPLE_NANOS;
    if (samples <= FEWEST_SAMPLES) {
      return Optional.empty();
    }
    var rate = Math.max(0, grown / seconds);
    var left =
        CapacityPlanner.steady(rate).untilFull(Duration.ZERO, (double) heldBytes, 0, capacityBytes);
    if (isWarned) {
      isWarned = left.isPresent() && left.get().compareTo(near.multipliedBy(2)) < 0;
      return Optional.empty();
    }
    isWarned = left.isPresent() && left.get().compareTo(near) <= 0;
    return isWarned ? left : Optional.empty();
  }
}
