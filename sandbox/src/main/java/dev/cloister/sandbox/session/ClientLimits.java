package dev.cloister.sandbox.session;

import java.time.Duration;

/**
 * The bounds of a {@link CellClient}, which believes a node no more than a node believes its
 * clients. Immutable: each setting gives other limits.
 *
 * @param frameBytes the longest frame that is taken; a client holds twice that at most
 * @param dial how long opening a channel may take
 * @param frame how long a frame may take until it is whole, from its first byte
 * @param answer how long an answer may take until it begins, beyond what the request itself waits
 */
public record ClientLimits(int frameBytes, Duration dial, Duration frame, Duration answer) {
  /** What {@code frameBytes} is unless set: 16 MiB and 64 KiB. */
  public static final int FRAME_BYTES_DEFAULT = (16 << 20) + (64 << 10);

  /** What {@code dial} is unless set: 2 minutes. */
  public static final Duration DIAL_DEFAULT = Duration.ofMinutes(2);

  /** What {@code frame} is unless set: 2 minutes. */
  public static final Duration FRAME_DEFAULT = Duration.ofMinutes(2);

  /** What {@code answer} is unless set: 1 minute. */
  public static final Duration ANSWER_DEFAULT = Duration.ofMinutes(1);

  /** Checks the limits. */
  public ClientLimits {
    ServerLimits.atLeast("frameBytes", frameBytes, Greeting.FRAME_BYTES_LEAST);
    ServerLimits.above("dial", dial);
    ServerLimits.above("frame", frame);
    ServerLimits.above("answer", answer);
  }

  /**
   * Makes the limits that hold unless others are set.
   *
   * @return every default
   */
  public static ClientLimits defaults() {
    return new ClientLimits(FRAME_BYTES_DEFAULT, DIAL_DEFAULT, FRAME_DEFAULT, ANSWER_DEFAULT);
  }

  /**
   * Sets the longest frame that is taken.
   *
   * @param most at least 65,536; {@link #FRAME_BYTES_DEFAULT} unless set
   * @return limits with that
   */
  public ClientLimits frameBytes(int most) {
    return new ClientLimits(most, dial, frame, answer);
  }

  /**
   * Sets how long opening a channel may take.
   *
   * @param most from a millisecond to a day; {@link #DIAL_DEFAULT} unless set
   * @return limits with that
   */
  public ClientLimits dial(Duration most) {
    return new ClientLimits(frameBytes, most, frame, answer);
  }

  /**
   * Sets how long a frame may take from its first byte until it is whole.
   *
   * @param most from a millisecond to a day; {@link #FRAME_DEFAULT} unless set
   * @return limits with that
   */
  public ClientLimits frame(Duration most) {
    return new ClientLimits(frameBytes, dial, most, answer);
  }

  /**
   * Sets how long an answer may take until it begins, beyond what the request itself waits.
   *
   * @param most from a millisecond to a day; {@link #ANSWER_DEFAULT} unless set
   * @return limits with that
   */
  public ClientLimits answer(Duration most) {
    return new ClientLimits(frameBytes, dial, frame, most);
  }

  /** Bounds each wait by a deadline. */
  ClientLimits within(Duration deadline) {
    return new ClientLimits(
        frameBytes, least(dial, deadline), least(frame, deadline), least(answer, deadline));
  }

  private static Duration least(Duration one, Duration other) {
    var least = one.compareTo(other) < 0 ? one : other;
    return least.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : least;
  }
}
