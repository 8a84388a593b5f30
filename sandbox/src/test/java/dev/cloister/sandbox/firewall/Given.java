package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.NetworkPolicy;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;

/** Policies and plans that several tests start from. */
final class Given {
  private Given() {}

  static NetworkPolicy policy(String... rules) {
    return NetworkPolicy.parse("test", List.of(rules));
  }

  static FirewallPlan plan(String name, boolean masquerade, String... rules) {
    var range = AddressRange.standard();
    return plan(name, "cl0badcafe0", range.cellIpv4(0), range.cellIpv6(0), masquerade, rules);
  }

  static FirewallPlan plan(
      String name,
      String device,
      Inet4Address ipv4,
      Inet6Address ipv6,
      boolean masquerade,
      String... rules) {
    return new FirewallPlan(name, device, ipv4, ipv6, policy(rules), masquerade);
  }
}
