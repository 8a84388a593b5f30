package dev.cloister.tor.testing;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A line for the configuration of all nodes of a role. It replaces every line of the network's own
 * with that keyword; what the network could not be without is not replaced. Whether tor knows the
 * option, tor says. Immutable.
 *
 * <p>Source: tor(1), "The configuration file format".
 *
 * @param role whose configuration
 * @param keyword letters, digits and underscores
 * @param value the rest of the line; may be empty
 */
public record TorOption(TorRole role, String keyword, String value) {
  private static final Pattern KEYWORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** In lower case: what the network sets, and nobody else. */
  private static final Set<String> OWN =
      Set.of(
          "address",
          "cookieauthentication",
          "cookieauthfile",
          "controlport",
          "datadirectory",
          "dirauthority",
          "dirport",
          "log",
          "nickname",
          "orport",
          "runasdaemon",
          "socksport",
          "testingtornetwork",
          "testingv3authvotingstartoffset",
          "__owningcontrollerprocess");

  /** Checks the shape of both, and that the keyword is not the network's own. */
  public TorOption {
    if (!KEYWORD.matcher(keyword).matches()) {
      throw new IllegalArgumentException(
          "option \"%s\": a keyword has letters, digits and underscores alone".formatted(keyword));
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "option %s: a value must be one line without control characters".formatted(keyword));
    }
    if (OWN.contains(keyword.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "option %s: a private network sets it itself".formatted(keyword));
    }
  }

  /**
   * Reads a line.
   *
   * @param role whose configuration
   * @param line a keyword, and after a space its value
   * @return the line's option
   */
  static TorOption parse(TorRole role, String line) {
    var parts = line.strip().split(" ", 2);
    return new TorOption(role, parts[0], parts.length == 1 ? "" : parts[1].strip());
  }

  String line() {
    return value.isEmpty() ? keyword : keyword + " " + value;
  }

  boolean replaces(String line) {
    return line.split(" ", 2)[0].equalsIgnoreCase(keyword);
  }
}
