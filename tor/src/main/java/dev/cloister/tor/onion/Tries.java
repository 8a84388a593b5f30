package dev.cloister.tor.onion;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.socks.Destination;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The tries of one opening, and what became of each. Used by one thread. */
final class Tries {
  private final Destination to;
  private final OnionRetries retries;
  private final TimeSource clock;
  private final Duration timeout;
  private final long start;
  private final List<IOException> failures = new ArrayList<>();

  Tries(Destination to, OnionRetries retries, TimeSource clock, Duration timeout) {
    this.to = to;
    this.retries = retries;
    this.clock = clock;
    this.timeout = timeout;
    this.start = clock.nanoTime();
  }

  boolean isFirst() {
    return failures.isEmpty();
  }

  private Duration left() {
    return timeout.minusNanos(clock.nanoTime() - start);
  }

  /** Returns how long the next try may take. */
  Duration nextTry() throws OnionUnreachable {
    var left = left();
    if (!left.isPositive() && !isFirst()) {
      throw over("the time of " + timeout + " is over");
    }
    return left.compareTo(retries.tryMost()) < 0 ? left : retries.tryMost();
  }

  void failed(IOException failure) throws OnionUnreachable {
    failures.add(failure);
    if (failures.size() >= retries.triesMost()) {
      throw over("all tries are used up");
    }
    if (!left().isPositive()) {
      throw over("the time of " + timeout + " is over");
    }
  }

  /** Returns how long to wait before the next try; no longer than there is time. */
  Duration pause() {
    var pause = retries.pauseAfter(failures.size());
    var left = left();
    return left.compareTo(pause) < 0 ? left : pause;
  }

  /** Ends it for a reason that came between the tries, or that no further try would change. */
  OnionUnreachable over(IOException last) {
    failures.add(last);
    return over("no further try would help");
  }

  private OnionUnreachable over(String why) {
    return new OnionUnreachable(to, why, Duration.ofNanos(clock.nanoTime() - start), failures);
  }
}
