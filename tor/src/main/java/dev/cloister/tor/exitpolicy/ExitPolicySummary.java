package dev.cloister.tor.exitpolicy;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.Node;
import dev.cloister.core.policy.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which ports a relay's exit policy accepts for most addresses of one family: the lines {@code p}
 * and {@code p6} of microdescriptors and consensuses. It is a guess, as no address is in it; the
 * relay itself decides, and may still refuse. Immutable.
 *
 * <p>Source: Tor's dir-spec, items {@code p} and {@code p6}, and what tor does.
 *
 * @param accepts whether the ports are those accepted; else they are those rejected
 * @param ports at least one range, in the order of the line
 */
public record ExitPolicySummary(boolean accepts, List<PortRange> ports) {
  /** The longest text, by which tor cuts what it writes too. */
  public static final int LENGTH_MAX = 1000;

  private static final Pattern LINE = Pattern.compile("(?:p6? )?(accept|reject) (.*)");
  private static final Pattern ENTRY = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  /** Numbers to tor's C library and to nobody else. */
  private static final Pattern NEARLY_A_NUMBER = Pattern.compile("\\s*[\\s+][0-9].*");

  /** Checks that there are ports. */
  public ExitPolicySummary {
    ports = List.copyOf(ports);
    if (ports.isEmpty()) {
      throw new IllegalArgumentException("summary of no ports: must have at least one range");
    }
  }

  /**
   * Reads a summary, with or without {@code p} or {@code p6}. Entries that begin with no digit are
   * left out, as tor does for what later versions may add.
   *
   * @param line such as {@code accept 80,443} or {@code p reject 1-1024}
   * @param place where it stands, for errors
   * @return the summary
   * @throws PolicyRejected when it is none, with the place
   */
  public static ExitPolicySummary parse(String line, String place) {
    if (line.length() > LENGTH_MAX + 3) {
      throw rejected(line, place, "at most " + LENGTH_MAX + " characters");
    }
    var matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw rejected(line, place, "accept or reject, one space, then ports such as 80,443-450");
    }
    var ports = new ArrayList<PortRange>();
    for (var entry : matcher.group(2).split(",", -1)) {
      range(entry, line, place).ifPresent(ports::add);
    }
    if (ports.isEmpty()) {
      throw rejected(line, place, "a line with at least one port");
    }
    return new ExitPolicySummary(matcher.group(1).equals("accept"), ports);
  }

  private static Optional<PortRange> range(String entry, String line, String place) {
    if (!entry.matches("[0-9].*") && !NEARLY_A_NUMBER.matcher(entry).matches()) {
      return Optional.empty();
    }
    var matcher = ENTRY.matcher(entry);
    if (matcher.matches()) {
      var first = Integer.parseInt(matcher.group(1));
      var last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first >= 1 && first <= last && last <= PortRange.PORT_MAX) {
        return Optional.of(new PortRange(first, last));
      }
    }
    throw rejected(
        line,
        place,
        "entries of a port from 1 to %d, or two with a dash, the lower first, not \"%s\""
            .formatted(PortRange.PORT_MAX, Node.shown(entry)));
  }

  private static PolicyRejected rejected(String line, String place, String allowed) {
    return new PolicyRejected(
        place, "summary \"%s\": allowed is %s".formatted(Node.shown(line), allowed));
  }

  /**
   * Guesses about a port.
   *
   * @param port a port
   * @return false when the relay says it rejects it for most addresses; true when it is worth
   *     asking
   */
  public boolean mayAccept(int port) {
    if (port < 1 || port > PortRange.PORT_MAX) {
      return false;
    }
    return ports.stream().anyMatch(range -> range.first() <= port && port <= range.last())
        == accepts;
  }

  /**
   * Writes the summary as tor does.
   *
   * @return such as {@code accept 80,443-450}
   */
  @Override
  public String toString() {
    return ports.stream()
        .map(ExitPolicySummary::text)
        .collect(Collectors.joining(",", accepts ? "accept " : "reject ", ""));
  }

  private static String text(PortRange range) {
    return range.first() == range.last()
        ? Integer.toString(range.first())
        : range.first() + "-" + range.last();
  }
}
