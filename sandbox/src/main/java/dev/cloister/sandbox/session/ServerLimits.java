package dev.cloister.sandbox.session;

import java.time.Duration;

/**
 * The bounds of a {@link CellServer}. Immutable: each setting gives other limits.
 *
 * <p>All conversations hold at most {@code bytesTogether}, and each some 40 KiB beside; what a host
 * does with a request in its cells is its policy's matter.
 *
 * @param frameBytes the longest frame that is taken
 * @param connections how many conversations are open at once
 * @param bytesTogether what all of them hold of frames and answers beyond the first 8 KiB of each
 * @param hello how long a client may take until its hello is whole
 * @param frame how long a frame may take until it is whole, from its first byte; likewise an answer
 * @param idle how long nothing may be asked
 * @param longestWait how long a request may wait for a function, whatever it asks for
 * @param requests how many one conversation may have
 */
public record ServerLimits(
    int frameBytes,
    int connections,
    long bytesTogether,
    Duration hello,
    Duration frame,
    Duration idle,
    Duration longestWait,
    int requests) {

  /** What {@code frameBytes} is unless set: the largest padded load, 16 MiB and its type. */
  public static final int FRAME_BYTES_DEFAULT = LoadBuckets.LARGEST_BYTES + 1;

  /** What {@code connections} is unless set: 256. */
  public static final int CONNECTIONS_DEFAULT = 256;

  /** What {@code bytesTogether} is unless set: 128 MiB. */
  public static final long BYTES_TOGETHER_DEFAULT = 128L << 20;

  /** What {@code hello} is unless set: 20 seconds. */
  public static final Duration HELLO_DEFAULT = Duration.ofSeconds(20);

  /** What {@code frame} is unless set: 2 minutes, for 16 MiB at 140 KB a second. */
  public static final Duration FRAME_DEFAULT = Duration.ofMinutes(2);

  /** What {@code idle} is unless set: 2 minutes. */
  public static final Duration IDLE_DEFAULT = Duration.ofMinutes(2);

  /** What {@code longestWait} is unless set: 1 minute. */
  public static final Duration LONGEST_WAIT_DEFAULT = Duration.ofMinutes(1);

  /** What {@code requests} is unless set: 10,000. */
  public static final int REQUESTS_DEFAULT = 10_000;

  /** Checks the limits. */
  public ServerLimits {
    atLeast("frameBytes", frameBytes, Greeting.FRAME_BYTES_LEAST);
    atLeast("connections", connections, 1);
    atLeast("bytesTogether", bytesTogether, 0);
    atLeast("requests", requests, 1);
    above("hello", hello);
    above("frame", frame);
    above("idle", idle);
    above("longestWait", longestWait);
  }

  static void atLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(what + " " + value + ": must be at least " + least);
    }
  }

  static void above(String what, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          what + " " + value + ": allowed are 1 millisecond to 1 day");
    }
  }

  /**
   * Makes the limits that hold unless others are set.
   *
   * @return every default
   */
  public static ServerLimits defaults() {
    return new ServerLimits(
        FRAME_BYTES_DEFAULT,
        CONNECTIONS_DEFAULT,
        BYTES_TOGETHER_DEFAULT,
        HELLO_DEFAULT,
        FRAME_DEFAULT,
        IDLE_DEFAULT,
        LONGEST_WAIT_DEFAULT,
        REQUESTS_DEFAULT);
  }

  /**
   * Sets the longest frame that is taken; larger loads are refused.
   *
   * @param most at least 65,536; {@link #FRAME_BYTES_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits frameBytes(int most) {
    return new ServerLimits(
        most, connections, bytesTogether, hello, frame, idle, longestWait, requests);
  }

  /**
   * Sets how many conversations are open at once; a further one takes the place of one that waits
   * for its client, or is told that the server is busy.
   *
   * @param most at least 1; {@value #CONNECTIONS_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits connections(int most) {
    return new ServerLimits(
        frameBytes, most, bytesTogether, hello, frame, idle, longestWait, requests);
  }

  /**
   * Sets what all conversations together hold.
   *
   * @param most at least 0; {@link #BYTES_TOGETHER_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits bytesTogether(long most) {
    return new ServerLimits(
        frameBytes, connections, most, hello, frame, idle, longestWait, requests);
  }

  /**
   * Sets how long a client may take until its hello is whole.
   *
   * @param most from a millisecond to a day; {@link #HELLO_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits hello(Duration most) {
    return new ServerLimits(
        frameBytes, connections, bytesTogether, most, frame, idle, longestWait, requests);
  }

  /**
   * Sets how long a frame may take from its first byte until it is whole.
   *
   * @param most from a millisecond to a day; {@link #FRAME_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits frame(Duration most) {
    return new ServerLimits(
        frameBytes, connections, bytesTogether, hello, most, idle, longestWait, requests);
  }

  /**
   * Sets how long nothing may be asked.
   *
   * @param most from a millisecond to a day; {@link #IDLE_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits idle(Duration most) {
    return new ServerLimits(
        frameBytes, connections, bytesTogether, hello, frame, most, longestWait, requests);
  }

  /**
   * Sets how long a request may wait for a function.
   *
   * @param most from a millisecond to a day; {@link #LONGEST_WAIT_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits longestWait(Duration most) {
    return new ServerLimits(
        frameBytes, connections, bytesTogether, hello, frame, idle, most, requests);
  }

  /**
   * Sets how many requests one conversation may have.
   *
   * @param most at least 1; {@value #REQUESTS_DEFAULT} unless set
   * @return limits with that
   */
  public ServerLimits requests(int most) {
    return new ServerLimits(
        frameBytes, connections, bytesTogether, hello, frame, idle, longestWait, most);
  }
}
