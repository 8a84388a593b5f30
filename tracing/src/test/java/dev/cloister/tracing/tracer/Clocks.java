package dev.cloister.tracing.tracer;

import dev.cloister.core.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** Clocks that stand still until the test moves them, back too: both of them, or the wall's. */
final class Clocks implements TimeSource {
  private Instant now;
  private long nanos = Duration.ofDays(1).toNanos();

  Clocks(Instant start) {
    this.now = start;
  }

  synchronized void advance(Duration duration) {
    now = now.plus(duration);
    nanos += duration.toNanos();
  }

  synchronized void goBack(Duration duration, boolean both) {
    now = now.minus(duration);
    nanos -= both ? duration.toNanos() : 0;
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
