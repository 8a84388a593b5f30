package dev.cloister.tor.exitpolicy;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.Decision;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import dev.cloister.tor.exitpolicy.PolicyReader.Form;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides about a destination as a tor relay with this exit policy does, and names the rule: the
 * first that matches. Where none does the answer is yes, which is Tor's way and not {@link
 * NetworkPolicy}'s: no rule there means no. It judges addresses, never names.
 *
 * <p>The same words mean different things in different places, so each has its own reader: {@link
 * #parse} takes rules as they stand; {@link #configured} adds what a relay adds to the rules of its
 * torrc; {@link #published} takes what a relay tells of itself, where {@code accept *:80} is about
 * IPv4 alone.
 *
 * <p>Like tor, no policy accepts the unspecified addresses (0.0.0.0 and ::), by which Linux means
 * this host, or port 0. Immutable; a decision makes nothing but for its address's bytes.
 *
 * <p>Source: tor(1), ExitPolicy; Tor's dir-spec, "accept" and "reject"; and what tor 0.4.9 does.
 */
public final class ExitPolicy {
  /** The most rules, where {@code *} counts as two and {@code private} as twelve. */
  public static final int RULES_MAX = 4000;

  /** Tor refuses these before it looks at a policy. */
  private static final List<NetworkRule> UNSPECIFIED =
      Stream.of("reject 0.0.0.0:*", "reject [::]:*")
          .map(rule -> NetworkRule.parse(rule, "no relay exits to the unspecified address"))
          .toList();

  private final List<NetworkRule> rules;
  private final List<IgnoredRule> ignored;
  private final NetworkPolicy network;

  private ExitPolicy(List<NetworkRule> rules, List<IgnoredRule> ignored, String name) {
    this.rules = List.copyOf(rules);
    this.ignored = List.copyOf(ignored);
    this.network =
        NetworkPolicy.of(
            Stream.of(
                    UNSPECIFIED,
                    this.rules,
                    List.of(rule("accept *:*", name + ": no rule matches, so tor accepts")))
                .flatMap(List::stream)
                .toList());
  }

  private static NetworkRule rule(String text, String place) {
    return NetworkRule.parse(text, place);
  }

  /**
   * Reads rules as they stand, and adds none: {@code accept}, {@code reject}, {@code accept6} or
   * {@code reject6}, then addresses and ports as {@link NetworkRule#parse(String, String)} takes
   * them; several in a line with commas between. {@code accept6 *} is IPv6, {@code accept *} both.
   *
   * @param name what errors and decisions call the lines, such as a file's name
   * @param lines the rules
   * @return the policy
   * @throws dev.cloister.core.PolicyRejected when one is no rule, with its place
   */
  public static ExitPolicy parse(String name, List<String> lines) {
    var reader = new PolicyReader(Form.CONFIGURED);
    reader.read(name, lines);
    return new ExitPolicy(reader.rules(), reader.ignored(), name);
  }

  /**
   * Reads the values of {@code ExitPolicy} in a torrc, and adds what a relay with these options
   * adds: rules before them, and the default policy, or what the options say, after them.
   *
   * @param name what errors and decisions call the lines, such as a file's name
   * @param lines the values, one an option
   * @param options what else the torrc says
   * @return the policy that such a relay has
   * @throws dev.cloister.core.PolicyRejected when one is no rule, with its place
   */
  public static ExitPolicy configured(String name, List<String> lines, RelayOptions options) {
    var reader = new PolicyReader(Form.CONFIGURED);
    if (!options.ipv6Exit()) {
      reader.read(name + " (IPv6Exit 0)", List.of("reject *6:*"));
    }
    if (options.rejectPrivate()) {
      var place = name + " (ExitPolicyRejectPrivate 1)";
      reader.read(place, List.of("reject private:*"));
      reader.read(place, options.addresses().stream().map(ExitPolicy::rejecting).toList());
    }
    reader.read(name, lines);
    reader.read("tor's policy " + options.ending(), options.ending().rules());
    return new ExitPolicy(reader.rules(), reader.ignored(), name);
  }

  private static String rejecting(InetAddress address) {
    return "reject " + new AddressPrefix(address, address.getAddress().length * 8) + ":*";
  }

  /**
   * Reads what a relay publishes: a descriptor's lines {@code accept}, {@code reject} and {@code
   * ipv6-policy}, or the answer to {@code GETINFO exit-policy/full}. {@code accept} is about IPv4,
   * {@code accept6} about IPv6; a relay that says nothing of IPv6 has none.
   *
   * @param name what errors and decisions call the lines, such as the relay's fingerprint
   * @param lines those lines and no other
   * @return the policy that the relay has, of IPv6 as much as a summary tells
   * @throws dev.cloister.core.PolicyRejected when a line is another one, with its place
   */
  public static ExitPolicy published(String name, List<String> lines) {
    var reader = new PolicyReader(Form.PUBLISHED);
    reader.read(name, lines);
    var rules = new ArrayList<>(reader.rules());
    if (!reader.saysOfIpv6()) {
      rules.add(rule("reject *6:*", name + ": no line about IPv6"));
    }
    return new ExitPolicy(rules, reader.ignored(), name);
  }

  /**
   * Decides about a destination.
   *
   * @param address an IPv4 or IPv6 address
   * @param port a port; 0, and what is none, is refused
   * @return yes or no, and the rule
   */
  public Decision decide(InetAddress address, int port) {
    return network.decide(address, port);
  }

  /**
   * Returns the same policy for what holds functions to one: firewalls, mediated fetches, nodes.
   *
   * @return a policy that decides every destination as this one; its last rule accepts the rest
   */
  public NetworkPolicy networkPolicy() {
    return network;
  }

  /**
   * Returns the rules that tor does without, for the operator to be told of.
   *
   * @return in their order; mostly none
   */
  public List<IgnoredRule> ignored() {
    return ignored;
  }

  /**
   * Summarizes the policy for IPv4 as directory authorities do: line {@code p}.
   *
   * @return the ports that are accepted, or rejected, for most addresses
   */
  public ExitPolicySummary ipv4Summary() {
    return Summarizing.summary(publishedRules(), true);
  }

  /**
   * Summarizes the policy for IPv6 as relays do: lines {@code ipv6-policy} and {@code p6}.
   *
   * @return the ports that are accepted, or rejected, for most addresses
   */
  public ExitPolicySummary ipv6Summary() {
    return Summarizing.summary(publishedRules(), false);
  }

  /**
   * Writes the policy as a relay publishes it: each rule for one network, without those that have
   * no effect, both families to their end; {@code reject *:*} alone where nothing is accepted.
   * {@link #published} reads it back.
   *
   * @return lines as of {@code GETINFO exit-policy/full}
   */
  public List<String> publishedLines() {
    var published = publishedRules();
    return published.stream().noneMatch(PublishedRule::accepts)
        ? List.of("reject *:*")
        : published.stream().map(PublishedRule::toString).toList();
  }

  private List<PublishedRule> publishedRules() {
    var all = new ArrayList<>(rules);
    all.add(new NetworkRule(true, NetworkRule.ANYWHERE, PortRange.ALL, "accept *:*", "the end"));
    return PublishedRule.of(all);
  }

  /**
   * Writes every rule in its one canonical form, those that a relay added too. {@link #parse} reads
   * a policy from it that decides the same.
   *
   * @return a line each
   */
  @Override
  public String toString() {
    return rules.stream().map(NetworkRule::toString).collect(Collectors.joining("\n"));
  }
}
