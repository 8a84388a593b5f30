package dev.cloister.tor.control;

import java.time.Duration;

/**
 * What a control port may take of us. Immutable.
 *
 * @param lineBytes the longest line of an answer; a longer one closes the connection
 * @param replyBytes the longest answer or event, each line counted as 64 bytes more; a longer one
 *     closes the connection
 * @param eventsHeld how many events wait for each subscriber; further ones are dropped and counted
 * @param answerIn how long a command waits for its answer
 */
public record ControlLimits(int lineBytes, int replyBytes, int eventsHeld, Duration answerIn) {
  /**
   * Lines of 1 MiB, answers of 64 MiB (a whole consensus with its descriptors), 4096 events, 30 s.
   */
  public static final ControlLimits DEFAULT =
      new ControlLimits(1 << 20, 64 << 20, 4096, Duration.ofSeconds(30));

  /** Checks that each is positive. */
  public ControlLimits {
    if (lineBytes < 1 || replyBytes < 1 || eventsHeld < 1 || !answerIn.isPositive()) {
      throw new IllegalArgumentException(
          "limits of %d and %d bytes, %d events, %s: each must be positive"
              .formatted(lineBytes, replyBytes, eventsHeld, answerIn));
    }
  }

  /**
   * Changes how long a command waits for its answer.
   *
   * @param answerIn a positive time
   * @return the other limits, and this one
   */
  public ControlLimits answerIn(Duration answerIn) {
    return new ControlLimits(lineBytes, replyBytes, eventsHeld, answerIn);
  }
}
