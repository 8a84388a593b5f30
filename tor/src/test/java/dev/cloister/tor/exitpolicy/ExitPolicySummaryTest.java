package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines p and p6 beyond the published rows of {@link VectorsTest}. */
final class ExitPolicySummaryTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p accept 80,443-450 | accept 80,443-450",
        "p6 reject 1-65535 | reject 1-65535",
        "accept 7,fred | accept 7"
      })
  void aLineIsReadWithItsKeywordOrWithout(String line, String canonical) {
    assertThat(ExitPolicySummary.parse(line, "test")).hasToString(canonical);
  }

  @ParameterizedTest
  @CsvSource({"0, false", "1, true", "79, true", "80, false", "81, true", "65536, false"})
  void aPortThatIsNoneIsNeverWorthAsking(int port, boolean may) {
    assertThat(ExitPolicySummary.parse("reject 80", "test").mayAccept(port)).isEqualTo(may);
  }

  @Test
  void anErrorNamesTheEntryAndThePlace() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ExitPolicySummary.parse("p accept 80,9-7", "microdescriptor:4"))
        .withMessage(
            "microdescriptor:4: summary \"p accept 80,9-7\": allowed is entries of a port from 1 to"
                + " 65535, or two with a dash, the lower first, not \"9-7\"");
  }

  @Test
  void aLineLongerThanTorWritesIsRefused() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ExitPolicySummary.parse("accept 1" + ",1".repeat(600), "test"))
        .withMessageEndingWith("allowed is at most 1000 characters");
  }
}
