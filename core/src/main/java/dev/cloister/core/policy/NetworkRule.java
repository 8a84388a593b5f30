package dev.cloister.core.policy;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One rule: accept or reject destinations with one of some addresses and one of some ports. What a
 * rule before it says of the same destination goes before. Immutable.
 *
 * @param accepts whether it accepts; else it rejects
 * @param addresses one prefix, {@link #ANYWHERE} or {@link #PRIVATE}
 * @param ports the ports
 * @param text the rule as it stands in the document, for decisions to name
 * @param place where it stands there: file, line and path
 */
public record NetworkRule(
    boolean accepts, List<AddressPrefix> addresses, PortRange ports, String text, String place) {

  /** Every address of both families: {@code *}. */
  public static final List<AddressPrefix> ANYWHERE = prefixes("0.0.0.0/0", "::/0");

  /**
   * The networks that Tor calls {@code private}: this host, local and link-local networks of both
   * families (tor(1), ExitPolicy). Shared address space, benchmarks and IPv4 inside of 6to4 or
   * Teredo are not among them.
   */
  public static final List<AddressPrefix> PRIVATE =
      prefixes(
          "0.0.0.0/8",
          "169.254.0.0/16",
          "127.0.0.0/8",
          "192.168.0.0/16",
          "10.0.0.0/8",
          "172.16.0.0/12",
          "::/8",
          "fc00::/7",
          "fe80::/10",
          "fec0::/10",
          "ff00::/8",
          "::/127");

  /** Checks that there is a way to write the rule. */
  public NetworkRule {
    addresses = List.copyOf(addresses);
    if (addresses.size() != 1 && !addresses.equals(ANYWHERE) && !addresses.equals(PRIVATE)) {
      throw new IllegalArgumentException(
          addresses + " in one rule: allowed are one prefix, ANYWHERE and PRIVATE");
    }
  }

  private static List<AddressPrefix> prefixes(String... texts) {
    return Stream.of(texts).map(NetworkRule::prefix).toList();
  }

  private static AddressPrefix prefix(String text) {
    var slash = text.indexOf('/');
    InetAddress network = InetAddresses.forString(text.substring(0, slash));
    return new AddressPrefix(network, Integer.parseInt(text.substring(slash + 1)));
  }

  /**
   * Reads a rule: {@code accept} or {@code reject}, then addresses, a colon and ports, as in Tor's
   * {@code ExitPolicy} (tor(1)). Addresses are {@code *}, {@code *4}, {@code *6}, {@code private},
   * or one of either family, IPv6 in brackets, with a prefix's length or, for IPv4, a mask; ports
   * are {@code *}, one, or two with a dash, and all when they are left out. No name is ever looked
   * up.
   *
   * @param text one rule
   * @param place where it stands, for errors and decisions
   * @return the rule
   * @throws dev.cloister.core.PolicyRejected when it is none, with the place
   */
  public static NetworkRule parse(String text, String place) {
    return new RuleText(text.strip(), place).rule();
  }

  /**
   * Reads a rule whose verb the caller has read already, by a grammar with other verbs.
   *
   * @param accepts whether the verb accepts
   * @param destinations addresses, a colon and ports, as {@link #parse(String, String)} takes them
   * @param text the rule as it stands, for errors and decisions
   * @param place where it stands
   * @return the rule
   * @throws dev.cloister.core.PolicyRejected when the destinations are none, with the place
   */
  public static NetworkRule parse(boolean accepts, String destinations, String text, String place) {
    return new RuleText(text.strip(), place).rule(accepts, destinations);
  }

  /**
   * Writes the rule in its one canonical form, which parses to the same.
   *
   * @return such as {@code reject 10.0.0.0/8:*}
   */
  @Override
  public String toString() {
    return (accepts ? "accept " : "reject ") + addressText() + ":" + ports;
  }

  private String addressText() {
    if (addresses.equals(ANYWHERE)) {
      return "*";
    }
    return addresses.equals(PRIVATE)
        ? "private"
        : addresses.stream().map(AddressPrefix::toString).collect(Collectors.joining());
  }
}
