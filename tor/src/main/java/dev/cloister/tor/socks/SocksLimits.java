package dev.cloister.tor.socks;

import java.time.Duration;

/**
 * The most that a {@link SocksServer} spends on its clients; what each bound costs is counted. A
 * connection takes two buffers, two tasks of the executor, and up to ten descriptors of this
 * process.
 *
 * @param connections at once; more are closed at once
 * @param handshake from the connection to the whole request
 * @param opening of the stream to the destination
 * @param idle while neither direction moves a byte, which is noticed before twice as long; and
 *     while one direction has a byte that its receiver does not take
 * @param bufferBytes of each direction
 */
public record SocksLimits(
    int connections, Duration handshake, Duration opening, Duration idle, int bufferBytes) {
  /** Connections at once. */
  public static final int DEFAULT_CONNECTIONS = 128;

  /** The time of a handshake. */
  public static final Duration DEFAULT_HANDSHAKE = Duration.ofSeconds(10);

  /** The time to open a stream: that which tor itself takes to give one up (SocksTimeout). */
  public static final Duration DEFAULT_OPENING = Duration.ofMinutes(2);

  /** The time without a byte. */
  public static final Duration DEFAULT_IDLE = Duration.ofMinutes(5);

  /** The buffer of a direction. */
  public static final int DEFAULT_BUFFER_BYTES = 16 << 10;

  /** Refuses a limit under which nothing works. */
  public SocksLimits {
    if (connections < 1
        || bufferBytes < 1
        || !handshake.isPositive()
        || !opening.isPositive()
        || !idle.isPositive()) {
      throw new IllegalArgumentException(
          "connections %d, handshake %s, opening %s, idle %s, buffer %d: all must be above zero"
              .formatted(connections, handshake, opening, idle, bufferBytes));
    }
  }

  /**
   * The default limits.
   *
   * @return each as named above
   */
  public static SocksLimits standard() {
    return new SocksLimits(
        DEFAULT_CONNECTIONS,
        DEFAULT_HANDSHAKE,
        DEFAULT_OPENING,
        DEFAULT_IDLE,
        DEFAULT_BUFFER_BYTES);
  }
}
