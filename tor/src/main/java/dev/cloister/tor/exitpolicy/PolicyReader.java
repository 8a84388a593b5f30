package dev.cloister.tor.exitpolicy;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.Node;
import dev.cloister.core.policy.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads rules as tor does: any number in a line with commas between, empty ones say nothing, and
 * what follows {@code #} neither. Addresses and ports are read by {@link NetworkRule}.
 */
final class PolicyReader {
  private static final Pattern RULE = Pattern.compile("(accept|reject)(6?)[ \\t]+(\\S+)");

  /** Tor takes an IPv6 address without brackets when a length follows. */
  private static final Pattern BARE_IPV6 =
      Pattern.compile("([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/[^:]*(?::[^:]*)?)");

  private static final String IPV6_POLICY = "ipv6-policy ";
  private static final String PRIVATE = "private";

  private final Form form;
  private final List<NetworkRule> rules = new ArrayList<>();
  private final List<IgnoredRule> ignored = new ArrayList<>();
  private int prefixes;
  private boolean saysOfIpv6;

  /** What a star, and the verb's family, mean. */
  enum Form {
    /** In torrc: a star is both families, and accept takes both. */
    CONFIGURED,
    /** In descriptors: accept is for IPv4 and accept6 for IPv6, and so is its star. */
    PUBLISHED
  }

  PolicyReader(Form form) {
    this.form = form;
  }

  List<NetworkRule> rules() {
    return rules;
  }

  List<IgnoredRule> ignored() {
    return ignored;
  }

  /** Tells whether a rule, or a summary, was for IPv6 alone. */
  boolean saysOfIpv6() {
    return saysOfIpv6;
  }

  /** Reads lines; a rule's place is the line's number, and its own where a line has several. */
  void read(String name, List<String> lines) {
    for (var i = 0; i < lines.size(); i++) {
      var place = name + ":" + (i + 1);
      var line = lines.get(i).replaceFirst("#.*", "").strip();
      if (form == Form.PUBLISHED && line.startsWith(IPV6_POLICY)) {
        summary(line, place);
      } else {
        line(line, place);
      }
    }
  }

  private void line(String line, String place) {
    var texts = line.split(",", -1);
    for (var i = 0; i < texts.length; i++) {
      var text = texts[i].strip();
      if (!text.isEmpty()) {
        rule(text, texts.length == 1 ? place : place + " rule " + (i + 1));
      }
    }
  }

  private void rule(String text, String place) {
    var matcher = RULE.matcher(text);
    if (!matcher.matches()) {
      throw new PolicyRejected(
          place,
          "\"%s\": allowed is accept, reject, accept6 or reject6, a space, then"
                  .formatted(Node.shown(text))
              + " ADDRESS[/BITS][:PORTS]");
    }
    var six = !matcher.group(2).isEmpty();
    var destinations = destinations(matcher.group(3), six, text, place);
    var rule = NetworkRule.parse(matcher.group(1).equals("accept"), destinations, text, place);
    // Private networks are of both families, which tor(1) allows here and tor does not.
    var ofFamily = rule.addresses().size() > 1 ? !six : rule.addresses().getFirst().isIpv4() != six;
    if (form == Form.PUBLISHED && !ofFamily) {
      throw new PolicyRejected(
          place,
          "\"%s\": allowed in what is published are IPv4 after accept, IPv6 after accept6"
              .formatted(Node.shown(text)));
    }
    saysOfIpv6 |= six;
    count(rule.addresses().size(), place);
    if (six && !ofFamily) {
      ignored.add(new IgnoredRule(text, place));
    } else {
      rules.add(rule);
    }
  }

  private String destinations(String text, boolean six, String rule, String place) {
    if (text.equals(PRIVATE)) {
      throw new PolicyRejected(
          place, "\"%s\": tor takes private with ports only; write %s:*".formatted(rule, rule));
    }
    var all = text.endsWith(":") ? text.substring(0, text.length() - 1) : text;
    var star = all.equals("*") || all.startsWith("*:");
    if (star && (six || form == Form.PUBLISHED)) {
      return (six ? "*6" : "*4") + all.substring(1);
    }
    var bare = BARE_IPV6.matcher(all);
    return bare.matches() ? "[" + bare.group(1) + "]" + bare.group(2) : all;
  }

  private void summary(String line, String place) {
    var summary = ExitPolicySummary.parse(line.substring(IPV6_POLICY.length()), place);
    saysOfIpv6 = true;
    count(summary.ports().size() + 1, place);
    for (var ports : summary.ports()) {
      rules.add(ofIpv6(summary.accepts(), ports, line, place));
    }
    rules.add(ofIpv6(!summary.accepts(), PortRange.ALL, line, place));
  }

  private static NetworkRule ofIpv6(boolean accepts, PortRange ports, String text, String place) {
    return new NetworkRule(accepts, NetworkRule.ANYWHERE.subList(1, 2), ports, text, place);
  }

  private void count(int more, String place) {
    prefixes += more;
    if (prefixes > ExitPolicy.RULES_MAX) {
      throw new PolicyRejected(
          place,
          "rule %d: allowed are %d, where * is two and private is %d; join some"
              .formatted(prefixes, ExitPolicy.RULES_MAX, NetworkRule.PRIVATE.size()));
    }
  }
}
