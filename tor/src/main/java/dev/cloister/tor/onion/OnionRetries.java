package dev.cloister.tor.onion;

import java.time.Duration;

/**
 * How often, and how soon after each other, an onion service is asked again. Immutable.
 *
 * @param triesMost how many tries there are in all
 * @param firstPause what lies between the first try and the second; each further pause is twice as
 *     long
 * @param pauseMost the longest pause
 * @param tryMost how long one try may take; a try that hangs on dead introduction points holds up
 *     the next no longer
 */
public record OnionRetries(
    int triesMost, Duration firstPause, Duration pauseMost, Duration tryMost) {
  /** Twelve tries with pauses of 0.25 to 5 s between them, 45 s in all, each of at most 30 s. */
  public static final OnionRetries DEFAULT =
      new OnionRetries(12, Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofSeconds(30));

  /** Checks that each is positive. */
  public OnionRetries {
    if (triesMost < 1
        || !firstPause.isPositive()
        || pauseMost.compareTo(firstPause) < 0
        || !tryMost.isPositive()) {
      throw new IllegalArgumentException(
          "%d tries, pauses of %s to %s, %s a try: must be positive, the pauses in this order"
              .formatted(triesMost, firstPause, pauseMost, tryMost));
    }
  }

  /** Returns what lies after a try, the first of which is number 1. */
  Duration pauseAfter(int tries) {
    var doublings = Math.min(tries - 1, Integer.SIZE - 2);
    var pause = firstPause.multipliedBy(1L << doublings);
    return pause.compareTo(pauseMost) < 0 ? pause : pauseMost;
  }
}
