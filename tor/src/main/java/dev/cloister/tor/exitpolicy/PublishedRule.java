package dev.cloister.tor.exitpolicy;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One rule about one prefix, of which a relay's descriptor has a list, without those in vain. */
record PublishedRule(boolean accepts, AddressPrefix prefix, PortRange ports, long high, long low) {
  /** Tor's test for a rule that leaves nothing of its family to later ones. */
  private boolean endsFamily() {
    return prefix.bits() == 0 && ports.equals(PortRange.ALL);
  }

  private static PublishedRule of(NetworkRule rule, AddressPrefix prefix) {
    var bytes = ByteBuffer.wrap(prefix.network().getAddress());
    return prefix.isIpv4()
        ? new PublishedRule(
            rule.accepts(), prefix, rule.ports(), (long) bytes.getInt() << Integer.SIZE, 0)
        : new PublishedRule(rule.accepts(), prefix, rule.ports(), bytes.getLong(), bytes.getLong());
  }

  /**
   * Writes each prefix of each rule as one rule, and leaves out what tor leaves out: what follows a
   * rule that ends its family, what an earlier rule covers, and what a later one says again.
   */
  static List<PublishedRule> of(List<NetworkRule> rules) {
    var all = new ArrayList<PublishedRule>();
    for (var rule : rules) {
      rule.addresses().forEach(prefix -> all.add(of(rule, prefix)));
    }
    var reached = reached(all);
    var uncovered = new ArrayList<PublishedRule>();
    for (var rule : reached) {
      if (uncovered.stream().noneMatch(earlier -> earlier.covers(rule))) {
        uncovered.add(rule);
      }
    }
    // From the first on, as tor does: what one rule is left out for may be left out itself later.
    for (var i = 0; i < uncovered.size(); i++) {
      if (uncovered.get(i).saidAgain(uncovered.subList(i + 1, uncovered.size()))) {
        uncovered.remove(i--);
      }
    }
    return uncovered;
  }

  private static List<PublishedRule> reached(List<PublishedRule> all) {
    var reached = new ArrayList<PublishedRule>();
    var ended4 = false;
    var ended6 = false;
    for (var rule : all) {
      var ipv4 = rule.prefix.isIpv4();
      if (ipv4 ? ended4 : ended6) {
        continue;
      }
      reached.add(rule);
      ended4 |= ipv4 && rule.endsFamily();
      ended6 |= !ipv4 && rule.endsFamily();
    }
    return reached;
  }

  private boolean saidAgain(List<PublishedRule> later) {
    for (var other : later) {
      if (other.accepts == accepts ? other.covers(this) : intersects(other)) {
        return other.accepts == accepts;
      }
    }
    return false;
  }

  private boolean covers(PublishedRule other) {
    return prefix.bits() <= other.prefix.bits()
        && begins(other, prefix.bits())
        && ports.first() <= other.ports.first()
        && ports.last() >= other.ports.last();
  }

  private boolean intersects(PublishedRule other) {
    return begins(other, Math.min(prefix.bits(), other.prefix.bits()))
        && ports.first() <= other.ports.last()
        && other.ports.first() <= ports.last();
  }

  /** Tells whether two addresses of one family have so many leading bits in common. */
  private boolean begins(PublishedRule other, int bits) {
    return prefix.isIpv4() == other.prefix.isIpv4()
        && Long.numberOfLeadingZeros(high ^ other.high) >= Math.min(bits, Long.SIZE)
        && Long.numberOfLeadingZeros(low ^ other.low) >= bits - Long.SIZE;
  }

  /** Writes the rule as descriptors have it, where a star is of the verb's family. */
  @Override
  public String toString() {
    return (accepts ? "accept" : "reject")
        + (prefix.isIpv4() ? " " : "6 ")
        + (prefix.bits() == 0 ? "*" : prefix)
        + ":"
        + ports;
  }
}
