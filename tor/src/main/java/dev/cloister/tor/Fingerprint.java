package dev.cloister.tor;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A relay's name in the consensus: the SHA-1 digest of its RSA identity key. A value has the shape
 * of one; that such a relay exists, it does not say. Immutable.
 *
 * @param hex 40 hexadecimal digits, in upper case, without {@code $}
 */
public record Fingerprint(String hex) {
  private static final Pattern SHAPE = Pattern.compile("\\$?([0-9A-Fa-f]{40})(?:[~=].*)?");

  /** Takes upper and lower case, a leading {@code $}, and a nickname after it, which is cut. */
  public Fingerprint {
    var matcher = SHAPE.matcher(hex);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "fingerprint \"" + hex + "\": must be 40 hexadecimal digits");
    }
    hex = matcher.group(1).toUpperCase(Locale.ROOT);
  }

  /**
   * Returns the digits as Tor's control protocol names relays.
   *
   * @return {@code $} and 40 digits
   */
  @Override
  public String toString() {
    return "$" + hex;
  }
}
