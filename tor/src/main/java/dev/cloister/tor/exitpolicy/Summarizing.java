package dev.cloister.tor.exitpolicy;

import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.PortRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Finds the ports that a policy accepts for most addresses of one family, as tor does: a rule that
 * accepts counts when it is for every address, and as long as the rules before it rejected no more
 * than two /8 networks of IPv4, or one /16 of IPv6, at the port; private networks do not count.
 */
final class Summarizing {
  private static final long IPV4_REJECTED_MAX = 1L << 25;
  private static final long IPV6_REJECTED_MAX = 1L << 48;

  /** IPv6 networks are counted in /64s; a smaller one is not counted. */
  private static final int IPV6_BITS_MAX = 64;

  private final boolean ipv4;

  /** Where ports begin that other rules match than those before; the last is after all ports. */
  private final int[] starts;

  private final long[] rejected;
  private final BitSet accepted = new BitSet();

  private Summarizing(List<PublishedRule> rules, boolean ipv4) {
    this.ipv4 = ipv4;
    var ports = new TreeSet<>(List.of(1, PortRange.PORT_MAX + 1));
    for (var rule : rules) {
      ports.add(rule.ports().first());
      ports.add(rule.ports().last() + 1);
    }
    this.starts = ports.stream().mapToInt(Integer::intValue).toArray();
    this.rejected = new long[starts.length - 1];
  }

  static ExitPolicySummary summary(List<PublishedRule> rules, boolean ipv4) {
    var ofFamily = rules.stream().filter(rule -> rule.prefix().isIpv4() == ipv4).toList();
    var summarizing = new Summarizing(ofFamily, ipv4);
    ofFamily.forEach(summarizing::add);
    return summarizing.shorter();
  }

  private void add(PublishedRule rule) {
    var first = Arrays.binarySearch(starts, rule.ports().first());
    var end = Arrays.binarySearch(starts, rule.ports().last() + 1);
    if (rule.accepts()) {
      if (rule.prefix().bits() == 0) {
        var max = ipv4 ? IPV4_REJECTED_MAX : IPV6_REJECTED_MAX;
        for (var i = first; i < end; i++) {
          accepted.set(i, accepted.get(i) || rejected[i] <= max);
        }
      }
    } else if (!NetworkRule.PRIVATE.contains(rule.prefix())) {
      var count = addresses(rule.prefix().bits());
      for (var i = first; i < end; i++) {
        rejected[i] += Math.min(count, Long.MAX_VALUE - rejected[i]);
      }
    }
  }

  private long addresses(int bits) {
    if (ipv4) {
      return 1L << (Integer.SIZE - bits);
    }
    if (bits > IPV6_BITS_MAX) {
      return 0;
    }
    // Two's complement has no room for one shifted by 63 or 64, and no bound is near.
    return bits < 2 ? Long.MAX_VALUE : 1L << (IPV6_BITS_MAX - bits);
  }

  private ExitPolicySummary shorter() {
    var accepts = ranges(true);
    var rejects = ranges(false);
    if (accepts.isEmpty() || rejects.isEmpty()) {
      return new ExitPolicySummary(rejects.isEmpty(), List.of(PortRange.ALL));
    }
    var accepting = new ExitPolicySummary(true, accepts);
    var rejecting = new ExitPolicySummary(false, rejects);
    var acceptingLength = accepting.toString().length();
    var rejectingLength = rejecting.toString().length();
    if (Math.min(acceptingLength, rejectingLength) > ExitPolicySummary.LENGTH_MAX) {
      return cut(accepting);
    }
    return rejectingLength < acceptingLength ? rejecting : accepting;
  }

  private List<PortRange> ranges(boolean accepts) {
    var ranges = new ArrayList<PortRange>();
    for (var i = 0; i < rejected.length; ) {
      var end = accepted.get(i) ? accepted.nextClearBit(i) : accepted.nextSetBit(i);
      var last = end < 0 ? rejected.length : Math.min(end, rejected.length);
      if (accepted.get(i) == accepts) {
        ranges.add(new PortRange(starts[i], starts[last] - 1));
      }
      i = last;
    }
    return ranges;
  }

  /** Both would be too long: what does not fit is left out, so that it reads as rejected. */
  private static ExitPolicySummary cut(ExitPolicySummary accepting) {
    var text = accepting.toString();
    var fitting = text.substring(0, text.lastIndexOf(',', ExitPolicySummary.LENGTH_MAX));
    return ExitPolicySummary.parse(fitting, "summary");
  }
}
