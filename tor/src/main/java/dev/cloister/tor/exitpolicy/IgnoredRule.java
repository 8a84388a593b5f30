package dev.cloister.tor.exitpolicy;

/**
 * A rule that tor reads, warns of and does without: an IPv4 address, or {@code private}, after
 * {@code accept6} or {@code reject6}.
 *
 * @param text the rule as it stands
 * @param place where it stands
 */
public record IgnoredRule(String text, String place) {
  /**
   * Shows the rule, the place and the reason.
   *
   * @return one line for the operator
   */
  @Override
  public String toString() {
    return "%s: \"%s\" is without effect: tor takes IPv6 addresses alone after accept6 and reject6"
        .formatted(place, text);
  }
}
