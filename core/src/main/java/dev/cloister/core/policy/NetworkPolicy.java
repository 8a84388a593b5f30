package dev.cloister.core.policy;

import dev.cloister.core.PolicyRejected;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which destinations may be reached: the first rule that matches decides, and where none does the
 * answer is no. (Tor's own default differs, and is {@code dev.cloister.tor.exitpolicy}'s affair.)
 * It judges addresses, so whoever connects by name asks for every address that the name gave, and
 * connects to that address. Immutable; a lookup takes two binary searches and makes nothing.
 *
 * <p>An IPv4-mapped IPv6 address ({@code ::ffff:a.b.c.d}) is judged as the IPv4 address, by rules
 * for IPv4 alone; other addresses that carry one (6to4, NAT64, Teredo) are judged as what they are.
 */
public final class NetworkPolicy {
  /** The most rules of a policy. */
  public static final int RULES_MAX = 4096;

  /** The most cells that rules are compiled to, of eight bytes each. */
  private static final int CELLS_MAX = 1 << 20;

  private static final String NO_RULE = "no rule matches";

  private final List<NetworkRule> rules;
  private final RuleTable table;
  private final Decision[] decisions;
  private final Decision noRule;

  private NetworkPolicy(List<NetworkRule> rules, RuleTable table, String place) {
    this.rules = rules;
    this.table = table;
    this.noRule = new Decision(false, "reject *:*", place);
    this.decisions =
        rules.stream()
            .map(rule -> new Decision(rule.accepts(), rule.text(), rule.place()))
            .toArray(Decision[]::new);
  }

  /**
   * Rejects everything.
   *
   * @return a policy without rules
   */
  public static NetworkPolicy none() {
    return of(List.of());
  }

  /**
   * Makes a policy of rules.
   *
   * @param rules at most {@link #RULES_MAX}, the first before the others
   * @return the policy
   * @throws PolicyRejected when there are too many, or too many combinations of addresses and ports
   */
  public static NetworkPolicy of(List<NetworkRule> rules) {
    return of(rules, NO_RULE);
  }

  private static NetworkPolicy of(List<NetworkRule> rules, String place) {
    if (rules.size() > RULES_MAX) {
      throw new PolicyRejected(
          rules.get(RULES_MAX).place(),
          "rule %d: allowed are %d; join some".formatted(RULES_MAX + 1, RULES_MAX));
    }
    try {
      return new NetworkPolicy(List.copyOf(rules), RuleTable.of(rules, CELLS_MAX), place);
    } catch (RuleTable.TooIntricate _) {
      throw new PolicyRejected(
          rules.getFirst().place(),
          "%d rules with more than %d combinations of addresses and ports: use fewer"
              .formatted(rules.size(), CELLS_MAX));
    }
  }

  /**
   * Reads rules from lines, as {@link NetworkRule#parse} does; empty ones, and those that begin
   * with {@code #}, say nothing.
   *
   * @param name what errors and decisions call the lines, such as a file's name
   * @param lines a rule each
   * @return the policy
   * @throws PolicyRejected when a line is no rule, with its number
   */
  public static NetworkPolicy parse(String name, List<String> lines) {
    var rules = new ArrayList<NetworkRule>();
    for (var i = 0; i < lines.size(); i++) {
      var line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        rules.add(NetworkRule.parse(line, name + ":" + (i + 1)));
      }
    }
    return of(rules, name + ": " + NO_RULE);
  }

  /**
   * Reads rules from a document.
   *
   * @param node a list of rules
   * @return the policy
   * @throws PolicyRejected when an item is no rule, with its place
   */
  public static NetworkPolicy read(Node node) {
    return of(
        node.items().stream().map(item -> NetworkRule.parse(item.text(), item.location())).toList(),
        node.location() + ": " + NO_RULE);
  }

  /**
   * Decides about a destination.
   *
   * @param address an IPv4 or IPv6 address
   * @param port a port; 0, and what is none, no rule accepts
   * @return yes or no, and the rule
   */
  public Decision decide(InetAddress address, int port) {
    return decide(address.getAddress(), port);
  }

  /**
   * Decides about a destination, without making anything.
   *
   * @param address 4 or 16 bytes
   * @param port a port; 0, and what is none, no rule accepts
   * @return yes or no, and the rule
   */
  public Decision decide(byte[] address, int port) {
    return decision(table.rule(Address.high(address), Address.low(address), port));
  }

  Decision decision(int rule) {
    return rule == RuleTable.NONE ? noRule : decisions[rule];
  }

  RuleTable table() {
    return table;
  }

  /**
   * Returns the rules.
   *
   * @return the first before the others; after the last one everything is rejected
   */
  public List<NetworkRule> rules() {
    return rules;
  }

  /**
   * Writes the rules in their canonical form, which parses to a policy that decides the same.
   *
   * @return a line each
   */
  @Override
  public String toString() {
    return rules.stream().map(NetworkRule::toString).collect(Collectors.joining("\n"));
  }
}
