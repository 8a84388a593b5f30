package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a firewall for hosts that are kept by iptables, each family by itself: text that {@code
 * iptables-restore --noflush} and {@code ip6tables-restore --noflush} load whole or not at all. The
 * two families are loaded one after the other, so load both before the device is up. The same plan
 * gives the same text. See iptables-restore(8) and iptables-extensions(8).
 *
 * @param ipv4 what iptables-restore loads
 * @param ipv6 what ip6tables-restore loads
 * @param ipv4Removal what iptables-restore takes to remove it
 * @param ipv6Removal what ip6tables-restore takes to remove it
 */
public record Iptables(String ipv4, String ipv6, String ipv4Removal, String ipv6Removal) {
  /** The longest name of a plan that fits: a chain has at most 28 characters. */
  public static final int NAME_MAX = 24;

  /** What differs between the families. */
  private enum Family {
    IPV4("icmp-admin-prohibited", 32),
    IPV6("icmp6-adm-prohibited", 128);

    private final String refusal;
    private final int width;

    Family(String refusal, int width) {
      this.refusal = refusal;
      this.width = width;
    }
  }

  /**
   * Writes the rules.
   *
   * @param plan what they are to hold; its name has at most {@link #NAME_MAX} characters
   * @return text for both families
   */
  public static Iptables rules(FirewallPlan plan) {
    if (plan.name().length() > NAME_MAX) {
      throw new IllegalArgumentException(
          "name \"" + plan.name() + "\" of chains: allowed are " + NAME_MAX + " characters");
    }
    return new Iptables(
        loading(plan, Family.IPV4, plan.ipv4()),
        loading(plan, Family.IPV6, plan.ipv6()),
        removal(plan, plan.ipv4(), Family.IPV4),
        removal(plan, plan.ipv6(), Family.IPV6));
  }

  private static String loading(FirewallPlan plan, Family family, InetAddress source) {
    var lines = new ArrayList<String>();
    lines.add("*filter");
    for (var suffix : List.of("_out", "_in", "_own", "_no")) {
      lines.add(":" + plan.name() + suffix + " - [0:0]");
    }
    hooks(plan).forEach(hook -> lines.add("-I " + hook));
    lines.addAll(outgoing(plan, family, source));
    lines.add("-A " + plan.name() + "_in -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN");
    lines.add("-A " + plan.name() + "_in -g " + plan.name() + "_no");
    lines.addAll(toHost(plan, family));
    lines.add("-A " + plan.name() + "_no -p tcp -j REJECT --reject-with tcp-reset");
    lines.add("-A " + plan.name() + "_no -j REJECT --reject-with " + family.refusal);
    lines.add("COMMIT");
    if (plan.masquerade()) {
      lines.addAll(List.of("*nat", "-A " + masking(plan, source, family), "COMMIT"));
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<String> hooks(FirewallPlan plan) {
    return List.of(
        "FORWARD -i " + plan.device() + " -j " + plan.name() + "_out",
        "FORWARD -o " + plan.device() + " -j " + plan.name() + "_in",
        "INPUT -i " + plan.device() + " -j " + plan.name() + "_own");
  }

  /** RETURN, not ACCEPT, so that another function's chain still refuses what enters it. */
  private static List<String> outgoing(FirewallPlan plan, Family family, InetAddress source) {
    var add = "-A " + plan.name() + "_out ";
    var refuse = "-g " + plan.name() + "_no";
    var lines = new ArrayList<String>();
    lines.add(add + "! -s " + Text.of(source) + "/" + family.width + " -j DROP");
    lines.add(add + "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN");
    lines.add(add + "! -p tcp " + refuse);
    if (family == Family.IPV6) {
      lines.add(add + "-d ::ffff:0.0.0.0/96 " + refuse);
    }
    for (var rule : plan.policy().rules()) {
      for (var match : matches(rule, family)) {
        var verdict = rule.accepts() ? "-j RETURN" : refuse;
        lines.add(add + match + "-p tcp -m tcp --dport " + ports(rule.ports()) + " " + verdict);
      }
    }
    lines.add(add + refuse);
    return lines;
  }

  private static List<String> matches(NetworkRule rule, Family family) {
    return rule.addresses().stream()
        .filter(prefix -> prefix.isIpv4() == (family == Family.IPV4))
        .map(Iptables::match)
        .toList();
  }

  private static String match(AddressPrefix prefix) {
    return prefix.bits() == 0 ? "" : "-d " + Text.of(prefix) + " ";
  }

  private static String ports(PortRange ports) {
    return ports.first() == ports.last()
        ? Integer.toString(ports.first())
        : ports.first() + ":" + ports.last();
  }

  private static List<String> toHost(FirewallPlan plan, Family family) {
    var add = "-A " + plan.name() + "_own ";
    var lines = new ArrayList<String>();
    lines.add(add + "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN");
    if (family == Family.IPV6) {
      for (var type : List.of("neighbour-solicitation", "neighbour-advertisement")) {
        lines.add(add + "-p ipv6-icmp -m icmp6 --icmpv6-type " + type + " -j RETURN");
      }
    }
    lines.add(add + "-g " + plan.name() + "_no");
    return lines;
  }

  private static String masking(FirewallPlan plan, InetAddress source, Family family) {
    return "POSTROUTING -s "
        + Text.of(source)
        + "/"
        + family.width
        + " ! -o "
        + plan.device()
        + " -j MASQUERADE";
  }

  private static String removal(FirewallPlan plan, InetAddress source, Family family) {
    var lines = new ArrayList<String>();
    lines.add("*filter");
    hooks(plan).forEach(hook -> lines.add("-D " + hook));
    for (var action : List.of("-F ", "-X ")) {
      for (var suffix : List.of("_out", "_in", "_own", "_no")) {
        lines.add(action + plan.name() + suffix);
      }
    }
    lines.add("COMMIT");
    if (plan.masquerade()) {
      lines.addAll(List.of("*nat", "-D " + masking(plan, source, family), "COMMIT"));
    }
    return String.join("\n", lines) + "\n";
  }
}
