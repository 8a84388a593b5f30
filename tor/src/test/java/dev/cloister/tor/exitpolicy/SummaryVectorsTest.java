package dev.cloister.tor.exitpolicy;

import static dev.cloister.tor.exitpolicy.Vectors.accepts;
import static dev.cloister.tor.exitpolicy.Vectors.each;
import static dev.cloister.tor.exitpolicy.Vectors.ending;
import static dev.cloister.tor.exitpolicy.Vectors.policy;
import static dev.cloister.tor.exitpolicy.Vectors.ports;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.PortRange;
import dev.cloister.core.testing.RequiresShared;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What stem and tor say of summaries in their own tests; tor's way is ours. */
@RequiresShared
final class SummaryVectorsTest {
  private static final Map<String, String> SUMMARIES_TAKEN_BY_TOR =
      Map.of(
          "accept 80,-443", "an entry that begins with no digit is left out",
          "reject 80,foo", "an entry that begins with no digit is left out");

  /** Stem counts a rule that is not for all addresses as none; in these rows there is none. */
  @Test
  void stemsSummariesAreOfTheSamePorts() {
    each(
        "policy_summary_stem",
        3,
        row -> {
          var stems =
              ExitPolicySummary.parse(row.required("summary").text().replace(", ", ","), "row");
          for (var port = 1; port <= PortRange.PORT_MAX; port++) {
            assertThat(policy(row).ipv4Summary().mayAccept(port)).isEqualTo(stems.mayAccept(port));
          }
        });
  }

  @Test
  void torsSummariesAreWrittenAsTorDoes() {
    var options = RelayOptions.STANDARD.withIpv6Exit(true).withRejectPrivate(false);
    each(
        "policy_summary_tor",
        20,
        row -> {
          var policy =
              ExitPolicy.configured("row", List.of(row.required("policy").text()), options);
          assertThat(policy.ipv4Summary()).hasToString(row.required("summary_ipv4").text());
          assertThat(policy.ipv6Summary()).hasToString(row.required("summary_ipv6").text());
        });
  }

  @Test
  void summariesAreReadAsTorReadsThem() {
    each(
        "short_policy_tor",
        7,
        row ->
            assertThat(ExitPolicySummary.parse(row.required("input").text(), "row"))
                .hasToString(row.required("canonical").text()));
    each("short_policy_tor_invalid", 11, row -> isNoSummary(row.required("input").text()));
    each(
        "micro_parse",
        14,
        row -> {
          var text = row.required("policy").text();
          if (row.required("valid").truth()) {
            assertThat(ExitPolicySummary.parse(text, "row")).hasToString(text);
          } else if (SUMMARIES_TAKEN_BY_TOR.containsKey(text)) {
            assertThat(ExitPolicySummary.parse(text, "row").ports())
                .containsExactly(new PortRange(80, 80));
          } else {
            isNoSummary(text);
          }
        });
  }

  private static void isNoSummary(String text) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ExitPolicySummary.parse(text, "row"));
  }

  @Test
  void summariesGuess() {
    each(
        "micro_can_exit_to",
        12,
        row ->
            assertThat(
                    ExitPolicySummary.parse(row.required("policy").text(), "row")
                        .mayAccept(ports(row).getFirst()))
                .isEqualTo(row.required("accept").truth()));
    each(
        "compare_tor",
        3,
        row -> {
          var expected = row.required("result").text();
          var port = ports(row).getFirst();
          if (expected.equals("probably_accepted")) {
            // The address is not known, so the summary is what answers.
            assertThat(policy(row).ipv4Summary().mayAccept(port)).isTrue();
          } else {
            assertThat(accepts(policy(row), row.required("address").text(), port))
                .isEqualTo(expected.equals("accepted"));
          }
        });
  }

  /**
   * The flag Exit is for authorities to give: a rule must accept at least a /8 at ports 80 and 443.
   * None of these policies gets it; of those that have an end, none accepts most of both ports.
   */
  @Test
  void whatIsNoGeneralExitSummarizesAsNone() {
    each(
        "is_general_exit_tor",
        8,
        row -> {
          assertThat(row.required("general_exit").truth()).isFalse();
          var summary = ending(policy(row)).ipv4Summary();
          assertThat(summary.mayAccept(80) && summary.mayAccept(443)).isFalse();
        });
  }
}
