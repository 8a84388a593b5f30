package dev.cloister.tor.exitpolicy;

import static dev.cloister.tor.exitpolicy.Vectors.ANY;
import static dev.cloister.tor.exitpolicy.Vectors.accepts;
import static dev.cloister.tor.exitpolicy.Vectors.each;
import static dev.cloister.tor.exitpolicy.Vectors.ending;
import static dev.cloister.tor.exitpolicy.Vectors.policy;
import static dev.cloister.tor.exitpolicy.Vectors.ports;
import static dev.cloister.tor.exitpolicy.Vectors.tables;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.Node;
import dev.cloister.core.policy.PortRange;
import dev.cloister.core.testing.RequiresShared;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What stem and tor say of policies in their own tests. Each row of each table is judged; where a
 * row is another's way and not tor's, it is named with the reason, and judged as what tor does.
 */
@RequiresShared
final class VectorsTest {
  /** Rules that stem takes and tor refuses. */
  private static final Map<String, String> REFUSED_BY_TOR =
      Map.of(
          "accept 156.5.38.3/255.255.0.255:80", "a mask with holes is none",
          "accept 192.168.0.1:0-65535", "there is no port 0",
          "accept 127.0.0.1:0", "there is no port 0");

  /** Rules that stem refuses and tor takes. */
  private static final Map<String, String> TAKEN_BY_TOR =
      Map.of(
          "accept\t*:*", "a tab separates as a space does",
          "accept6 192.168.0.1/0", "ports may be left out (and the rule is without effect)",
          "reject6 [2a00:1450:4001:081e:0000:0000:0000:200e]", "ports may be left out");

  private static boolean isRefused(String rule) {
    try {
      policy(rule);
      return false;
    } catch (PolicyRejected _) {
      return true;
    }
  }

  /** The addresses and ports to ask about where a row gives none: some of each kind. */
  private static List<String> addresses(Node row) {
    var address = row.required("address").text();
    return address.equals(ANY)
        ? List.of("0.0.0.9", "1.0.0.1", "192.168.0.50", "2001:db8::1", "fe80::202:b3ff:fe1e:8329")
        : List.of(address);
  }

  @Test
  void everyTableIsJudgedHere() {
    assertThat(tables().keySet())
        .containsExactlyInAnyOrder(
            ("policy_can_exit_to rule_match rule_canonical rule_wildcard rule_address rule_ports"
                    + " rule_invalid policy_is_exiting_allowed policy_canonical"
                    + " policy_summary_stem micro_parse micro_can_exit_to policy_summary_tor"
                    + " short_policy_tor short_policy_tor_invalid policy_item_tor compare_tor"
                    + " is_general_exit_tor is_reject_star_tor")
                .split(" ", -1));
    assertThat(tables().values().stream().mapToInt(table -> table.items().size()).sum())
        .isEqualTo(509);
  }

  /** With {@code strict}, an address that is not given stands for all of them; else for any. */
  private static boolean asked(Node row, Stream<Boolean> answers) {
    var strict = row.optional("strict").map(Node::truth).orElse(false);
    return strict ? answers.allMatch(yes -> yes) : answers.anyMatch(yes -> yes);
  }

  @Test
  void destinationsAreDecided() {
    each(
        "policy_can_exit_to",
        204,
        row -> {
          var policy = policy(row);
          var port = ports(row).getFirst();
          assertThat(asked(row, addresses(row).stream().map(to -> accepts(policy, to, port))))
              .isEqualTo(row.required("accept").truth());
        });
  }

  /**
   * A rule before its contrary matches what it decides. What stem says of an address or port that
   * is not given is about any of them or about all; for a rule that rejects, of what is then
   * accepted.
   */
  @Test
  void rulesMatch() {
    each(
        "rule_match",
        75,
        row -> {
          var rule = row.required("rule").text();
          var accepting = rule.startsWith("accept");
          var policy = policy(rule, accepting ? "reject *:*" : "accept *:*");
          var accepted =
              asked(
                  row,
                  addresses(row).stream()
                      .filter(to -> !to.equals("0.0.0.0"))
                      .flatMap(to -> ports(row).stream().map(port -> accepts(policy, to, port))));
          if (row.required("address").text().equals("0.0.0.0")) {
            // Tor exits to it by no policy.
            assertThat(accepts(policy, "0.0.0.0", 80)).isFalse();
          } else {
            assertThat(accepted == accepting).isEqualTo(row.required("match").truth());
          }
        });
  }

  @Test
  void canonicalFormsMeanTheSame() {
    each(
        "rule_canonical",
        22,
        row -> {
          var rule = row.required("rule").text();
          if (REFUSED_BY_TOR.containsKey(rule)) {
            assertThat(isRefused(rule)).isTrue();
          } else if (rule.equals("accept6 *4:*")) {
            // Stem writes a rule that it never lets match.
            assertThat(policy(rule).ignored()).hasSize(1);
          } else {
            var ours = policy(rule).toString();
            assertThat(policy(row.required("canonical").text()).toString()).isEqualTo(ours);
            assertThat(policy(ours).toString()).isEqualTo(ours);
          }
        });
  }

  private static NetworkRule rule(String text) {
    return policy(text).networkPolicy().rules().get(2);
  }

  @Test
  void starsAreKnown() {
    each(
        "rule_wildcard",
        22,
        row -> {
          var text = row.required("rule").text();
          if (REFUSED_BY_TOR.containsKey(text)) {
            assertThat(isRefused(text)).isTrue();
          } else if (!text.equals("reject6 *4:*")) {
            var rule = rule(text);
            assertThat(rule.addresses().equals(NetworkRule.ANYWHERE))
                .isEqualTo(row.required("address_wildcard").truth());
            assertThat(rule.ports().equals(PortRange.ALL))
                .isEqualTo(row.required("port_wildcard").truth());
          } else {
            assertThat(policy(text).ignored()).hasSize(1);
          }
        });
  }

  @Test
  void addressesAndPortsAreRead() {
    each(
        "rule_address",
        8,
        row -> {
          var bits = (int) row.required("masked_bits").integer(0, 128);
          var address = InetAddress.ofLiteral(row.required("address").text());
          assertThat(rule(row.required("rule").text()).addresses())
              .containsExactly(new AddressPrefix(address, bits));
        });
    each(
        "rule_ports",
        4,
        row -> {
          var text = row.required("rule").text();
          if (REFUSED_BY_TOR.containsKey(text)) {
            assertThat(isRefused(text)).isTrue();
          } else {
            assertThat(rule(text).ports())
                .isEqualTo(
                    new PortRange(
                        (int) row.required("min_port").integer(1, 65_535),
                        (int) row.required("max_port").integer(1, 65_535)));
          }
        });
  }

  @Test
  void whatIsNoRuleIsRefused() {
    each(
        "rule_invalid",
        36,
        row -> {
          var rule = row.required("rule").text();
          // An empty rule, between two commas, says nothing; to stem too, unless it is all there
          // is.
          var nothing = rule.isEmpty();
          assertThat(isRefused(rule)).isEqualTo(!TAKEN_BY_TOR.containsKey(rule) && !nothing);
        });
    each(
        "policy_item_tor",
        41,
        row -> {
          var item = row.required("item").text();
          // ReachableAddresses may do without a verb, ExitPolicy may not.
          var verb = row.required("assume_action").text().equals("accept") ? "accept " : "";
          if (row.required("malformed").truth()) {
            assertThat(isRefused(verb + item)).isTrue();
          } else {
            assertThat(policy(verb + item).ignored())
                .hasSize(row.required("parsed").truth() ? 0 : 1);
          }
        });
  }

  /** Tells whether a policy accepts anything at the edges of its rules. */
  private static boolean acceptsAny(ExitPolicy policy, boolean ipv4, boolean ipv6) {
    var addresses = List.of("1.0.0.1", "192.168.1.2", "127.0.0.0", "127.0.0.1", "2001:db8::1");
    return addresses.stream()
        .filter(address -> address.contains(":") ? ipv6 : ipv4)
        .anyMatch(address ->
            IntStream.rangeClosed(1, PortRange.PORT_MAX)
                .anyMatch(port -> accepts(policy, address, port)));
  }

  @Test
  void whatAcceptsNothingIsKnown() {
    each(
        "policy_is_exiting_allowed",
        9,
        row ->
            assertThat(acceptsAny(policy(row), true, true))
                .isEqualTo(row.required("exiting_allowed").truth()));
    each(
        "is_reject_star_tor",
        5,
        row -> {
          assertThat(row.required("default_reject").truth()).isTrue();
          var policy = ending(policy(row));
          var four = row.required("family").integer(4, 6) == 4;
          assertThat(!acceptsAny(policy, four, !four))
              .isEqualTo(row.required("reject_star").truth());
        });
  }

  @Test
  void policiesInTheirShortestFormAreTheSame() {
    each(
        "policy_canonical",
        5,
        row -> {
          var canonical = ExitPolicy.parse("row", List.of(row.required("canonical").text()));
          assertThat(policy(row).publishedLines()).isEqualTo(canonical.publishedLines());
        });
  }
}
