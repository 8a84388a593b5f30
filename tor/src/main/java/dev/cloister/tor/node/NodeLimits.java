package dev.cloister.tor.node;

import java.time.Duration;

/**
 * What clients of a node may take before they are served. Immutable.
 *
 * @param connections how many are open at once; each holds about 50 KiB; a further one is refused
 * @param unproven how many may be shaking hands at once; a further one ends the eldest of them, so
 *     that a flood of silent ones does not keep others out
 * @param handshake how long one may shake hands
 */
public record NodeLimits(int connections, int unproven, Duration handshake) {
  /** Connections, unless set otherwise. */
  public static final int CONNECTIONS = 512;

  /** Connections that are shaking hands, unless set otherwise. */
  public static final int UNPROVEN = 128;

  /** The time to shake hands, unless set otherwise: several times what a slow circuit needs. */
  public static final Duration HANDSHAKE = Duration.ofSeconds(30);

  /** Checks that each is more than nothing, and the second not more than the first. */
  public NodeLimits {
    if (unproven < 1 || unproven > connections || !handshake.isPositive()) {
      throw new IllegalArgumentException(
          "%d connections, %d of them unproven, for %s: must be more than nothing, and no more unproven than connections"
              .formatted(connections, unproven, handshake));
    }
  }

  /**
   * Returns the usual limits.
   *
   * @return {@link #CONNECTIONS}, {@link #UNPROVEN}, {@link #HANDSHAKE}
   */
  public static NodeLimits standard() {
    return new NodeLimits(CONNECTIONS, UNPROVEN, HANDSHAKE);
  }
}
