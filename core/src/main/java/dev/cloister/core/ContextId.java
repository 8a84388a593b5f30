package dev.cloister.core;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The name of one life of one context: 128 random bits, in lower-case hex. It says nothing about
 * the host or the time.
 *
 * @param hex 32 digits
 */
public record ContextId(String hex) {

  /**
   * Takes one that was written before.
   *
   * @param hex 32 lower-case digits
   */
  public ContextId {
    if (!hex.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException(
          "context id \"" + hex + "\": must be 32 lower-case hex digits");
    }
  }

  /**
   * Makes a new one.
   *
   * @param random where its bits come from
   * @return an id that no other context has
   */
  public static ContextId random(SecureRandom random) {
    var bits = new byte[16];
    random.nextBytes(bits);
    return new ContextId(HexFormat.of().formatHex(bits));
  }
}
