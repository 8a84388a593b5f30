package dev.cloister.tor.onionproxy;

import dev.cloister.core.policy.Decision;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.OutboundPolicy;

/**
 * Judges where a function asks its proxy to go: an address by the launch's network policy, and a
 * name by its port alone, for nobody on this side learns its addresses. As tor does before a name
 * is resolved, it takes for a name the first rule on the port that is about every address of a
 * family, for both families; what narrower rules reject, a name may lead to, if an exit's policy
 * lets it. A port on which only some addresses are accepted is refused to names. Names of onion
 * services are names. Immutable. Source: tor(1), ExitPolicy; tor's policies.c, for an unknown
 * address.
 */
record GatePolicy(NetworkPolicy policy) implements OutboundPolicy {

  @Override
  public Decision decide(Destination to) {
    return to.address()
        .map(address -> policy.decide(address, to.port()))
        .orElseGet(() -> decideName(to.port()));
  }

  private Decision decideName(int port) {
    var ipv4 = false;
    var ipv6 = false;
    for (var rule : policy.rules()) {
      if (covers(rule.ports(), port)) {
        var about4 = !ipv4 && isAboutAll(rule, true);
        var about6 = !ipv6 && isAboutAll(rule, false);
        ipv4 |= about4;
        ipv6 |= about6;
        if ((about4 || about6) && (!rule.accepts() || (ipv4 && ipv6))) {
          return new Decision(rule.accepts(), rule.text(), rule.place());
        }
      }
    }
    return new Decision(
        false, "reject names:" + port, "no rule accepts every address on port " + port);
  }

  private static boolean covers(PortRange ports, int port) {
    return ports.first() <= port && port <= ports.last();
  }

  private static boolean isAboutAll(NetworkRule rule, boolean ofIpv4) {
    return rule.addresses().stream()
        .anyMatch(prefix -> prefix.bits() == 0 && prefix.isIpv4() == ofIpv4);
  }
}
