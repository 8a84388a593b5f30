package dev.cloister.sandbox.host;

import java.time.Duration;

/**
 * What one fetch may take, beside the cell's own limits of traffic.
 *
 * @param redirects how many are followed
 * @param bodyBytes the longest body of an answer, which the host holds whole
 * @param time for all of it, from the first connection to the last byte; a name's lookup cannot be
 *     cut short, but counts
 */
record FetchLimits(int redirects, int bodyBytes, Duration time) {

  /** Ten redirects, a body that fits the guest's frames, half a minute. */
  static final FetchLimits USUAL = new FetchLimits(10, 15 << 20, Duration.ofSeconds(30));
}
