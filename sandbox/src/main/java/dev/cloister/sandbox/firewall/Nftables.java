package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a firewall as one table of nftables, family {@code inet}, that {@code nft -f} loads whole
 * or not at all; the same plan gives the same text. Loading does not replace an older table of the
 * name. See nft(8).
 */
public final class Nftables {
  private Nftables() {}

  /**
   * Writes the table.
   *
   * @param plan what it is to hold
   * @return lines for {@code nft -f}
   */
  public static String table(FirewallPlan plan) {
    var text = new StringBuilder();
    text.append("table inet ").append(plan.name()).append(" {\n");
    chain(text, "passing", passing(plan.device()));
    chain(text, "arriving", arriving(plan.device()));
    chain(text, "outgoing", outgoing(plan));
    chain(text, "incoming", List.of("ct state established,related accept", "goto refuse"));
    chain(text, "tohost", toHost());
    chain(text, "refuse", refuse());
    if (plan.masquerade()) {
      chain(text, "masked", masked(plan));
    }
    return text.append("}\n").toString();
  }

  /**
   * Writes the table of a function that reaches one TCP port of the host's end of its link, and
   * nothing else; and nobody else reaches that port, this host's own users neither.
   */
  static String gated(String name, String device, Inet4Address function, Gate gate) {
    var text = new StringBuilder();
    text.append("table inet ").append(name).append(" {\n");
    chain(
        text,
        "passing",
        List.of(
            "type filter hook forward priority filter; policy accept;",
            "iifname \"" + device + "\" goto refuse",
            "oifname \"" + device + "\" goto refuse"));
    var arriving = new ArrayList<>(arriving(device));
    arriving.add(to(gate) + "goto refuse");
    chain(text, "arriving", arriving);
    var toHost = new ArrayList<String>();
    toHost.add("ip saddr " + function.getHostAddress() + " " + to(gate) + "accept");
    toHost.addAll(toHost());
    chain(text, "tohost", toHost);
    chain(text, "refuse", refuse());
    return text.append("}\n").toString();
  }

  private static String to(Gate gate) {
    return "ip daddr " + gate.host().getHostAddress() + " tcp dport " + gate.port() + " ";
  }

  private static void chain(StringBuilder text, String name, List<String> lines) {
    text.append("  chain ").append(name).append(" {\n");
    lines.forEach(line -> text.append("    ").append(line).append('\n'));
    text.append("  }\n");
  }

  private static List<String> passing(String device) {
    return List.of(
        "type filter hook forward priority filter; policy accept;",
        "iifname \"" + device + "\" jump outgoing",
        "oifname \"" + device + "\" jump incoming");
  }

  private static List<String> arriving(String device) {
    return List.of(
        "type filter hook input priority filter; policy accept;",
        "iifname \"" + device + "\" jump tohost");
  }

  /** Accepting ends this table only, so that another function's still refuses what enters it. */
  private static List<String> outgoing(FirewallPlan plan) {
    var lines = new ArrayList<String>();
    lines.add("ip saddr != " + plan.ipv4().getHostAddress() + " drop");
    lines.add("ip6 saddr != " + Text.of(plan.ipv6()) + " drop");
    lines.add("ct state established,related accept");
    lines.add("meta l4proto != tcp goto refuse");
    lines.add("ip6 daddr ::ffff:0.0.0.0/96 goto refuse");
    for (var rule : plan.policy().rules()) {
      var verdict = rule.accepts() ? "accept" : "goto refuse";
      for (var match : matches(rule)) {
        lines.add(match + ports(rule.ports()) + verdict);
      }
    }
    lines.add("goto refuse");
    return lines;
  }

  private static List<String> matches(NetworkRule rule) {
    return rule.addresses().equals(NetworkRule.ANYWHERE)
        ? List.of("")
        : rule.addresses().stream().map(Nftables::match).toList();
  }

  private static String match(AddressPrefix prefix) {
    if (prefix.bits() == 0) {
      return prefix.isIpv4() ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
    }
    return (prefix.isIpv4() ? "ip daddr " : "ip6 daddr ") + Text.of(prefix) + " ";
  }

  /** All ports are 1 to 65535: no rule accepts port 0. */
  private static String ports(PortRange ports) {
    var range =
        ports.first() == ports.last()
            ? Integer.toString(ports.first())
            : ports.first() + "-" + ports.last();
    return "tcp dport " + range + " ";
  }

  /** Without neighbour discovery no IPv6 packet finds its way to the host's end of the link. */
  private static List<String> toHost() {
    return List.of(
        "ct state established,related accept",
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
        "goto refuse");
  }

  private static List<String> refuse() {
    return List.of(
        "meta l4proto tcp reject with tcp reset", "reject with icmpx type admin-prohibited");
  }

  private static List<String> masked(FirewallPlan plan) {
    var elsewhere = "oifname != \"" + plan.device() + "\" ";
    return List.of(
        "type nat hook postrouting priority srcnat; policy accept;",
        elsewhere + "ip saddr " + plan.ipv4().getHostAddress() + " masquerade",
        elsewhere + "ip6 saddr " + Text.of(plan.ipv6()) + " masquerade");
  }
}
