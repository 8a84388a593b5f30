package dev.cloister.tor.mediation;

import dev.cloister.core.TimeSource;

/** So many lines a second on average, and some saved up. Not thread-safe. */
final class Rate {
  private static final long SECOND = 1_000_000_000L;

  private final TimeSource time;
  private final long nanosEach;

  /** When all that was saved up will be there again. */
  private long fullAt;

  Rate(TimeSource time, int perSecond) {
    this.time = time;
    this.nanosEach = SECOND / perSecond;
    this.fullAt = time.nanoTime();
  }

  void take() {
    var now = time.nanoTime();
    if (fullAt - now < 0) {
      fullAt = now;
    }
    if (fullAt - now > nanosEach * (TorGrant.LINES_AT_ONCE - 1)) {
      throw Rule.RATE.denied("a line too soon after the others: wait a second");
    }
    fullAt += nanosEach;
  }
}
