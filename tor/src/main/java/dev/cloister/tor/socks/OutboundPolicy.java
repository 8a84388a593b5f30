package dev.cloister.tor.socks;

import dev.cloister.core.policy.Decision;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.PortRange;
import java.util.List;

/**
 * Says where a function may send: asked about each destination, in its one form, before anything is
 * opened. It is asked by name where the function asks by name, and so says nothing of the addresses
 * that an exit finds for it. Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface OutboundPolicy {

  /**
   * Decides about a destination.
   *
   * @param to a name or an address, and a port
   * @return yes or no, and the rule
   */
  Decision decide(Destination to);

  /**
   * Judges addresses by a network policy. That one cannot judge names, so which are accepted is
   * said apart.
   *
   * @param addresses what decides about IPv4 and IPv6 addresses, of which a mapped one is IPv4
   * @param portsOfNames the ports on which any name is accepted; none, and no name is
   * @return a policy
   */
  static OutboundPolicy of(NetworkPolicy addresses, List<PortRange> portsOfNames) {
    var ports = List.copyOf(portsOfNames);
    return to ->
        to.address()
            .map(address -> addresses.decide(address, to.port()))
            .orElseGet(() -> decideName(ports, to.port()));
  }

  private static Decision decideName(List<PortRange> ports, int port) {
    return ports.stream()
        .filter(range -> range.first() <= port && port <= range.last())
        .findFirst()
        .map(range -> new Decision(true, "accept names:" + range, "ports of names"))
        .orElseGet(() -> new Decision(false, "reject names:*", "ports of names " + ports));
  }
}
