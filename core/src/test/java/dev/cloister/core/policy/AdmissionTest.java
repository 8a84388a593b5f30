package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Admission.Unmet;
import dev.cloister.core.testing.FakeTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A function gets all that it asks for, or is told each need that is not met, and by which rule.
 */
final class AdmissionTest {
  private static final String POLICY =
      """
      version: 1
      validity:
        notBefore: 2026-01-01T00:00:00Z
        notAfter: 2027-01-01T00:00:00Z
      images: [python, js]
      api: [receive, send, fetch]
      network:
        - reject private:*
        - accept *:443
      perFunction:
        memoryBytes: 1000
        wallSeconds: 60
        cpuShare: 0.5
      lifetime: 30
      """;

  private static final String MANIFEST =
      """
      name: echo
      codeDigest: "%s"
      image: python
      """
          .formatted("0".repeat(64));

  private final FakeTime time = FakeTime.startingAt(Instant.parse("2026-06-01T00:00:00Z"));

  private Admission admit(String manifest) {
    return NodePolicy.parse("node.yaml", POLICY)
        .admit(Manifest.parse("f.yaml", MANIFEST + manifest), time);
  }

  @Test
  void whatIsWithinThePolicyIsAdmitted() {
    var admission =
        admit(
            """
            api: [receive, send]
            network: [reject private, 'accept *:443']
            limits: {memoryBytes: 1000, wallSeconds: 30, cpuShare: 0.500000}
            signature: none
            """);
    assertThat(admission).hasToString("yes");
    assertThat(admission.admitted()).isTrue();
    assertThat(admit("").admitted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "api: [fetch, tor] | api tor (f.yaml:4 api[1]): refused by api: [receive, send, fetch]"
            + " (node.yaml:6 api)",
        "network: ['accept *:443'] | network accept *:443, such as 0.0.0.0:443 (f.yaml:4"
            + " network[0]): refused by reject private:* (node.yaml:8 network[0])",
        "network: ['accept 192.0.2.1:25'] | network accept 192.0.2.1:25, such as 192.0.2.1:25"
            + " (f.yaml:4 network[0]): refused by reject *:* (node.yaml:7 network: no rule"
            + " matches)",
        "limits: {memoryBytes: 1001} | limits memoryBytes 1001 (f.yaml:4 limits.memoryBytes):"
            + " refused by perFunction.memoryBytes: 1000 (node.yaml:11 perFunction.memoryBytes)",
        "limits: {cpuShare: 0.500001} | limits cpuShare 0.500001 (f.yaml:4 limits.cpuShare):"
            + " refused by perFunction.cpuShare: 0.5 (node.yaml:13 perFunction.cpuShare)",
        "limits: {diskBytes: 1} | limits diskBytes 1 (f.yaml:4 limits.diskBytes): refused by"
            + " perFunction.diskBytes: not given (node.yaml:10 perFunction)",
        "limits: {wallSeconds: 31} | limits wallSeconds 31 (f.yaml:4 limits.wallSeconds): refused"
            + " by lifetime: 30 (node.yaml:14 lifetime)",
        "limits: {wallSeconds: 61} | limits wallSeconds 61 (f.yaml:4 limits.wallSeconds): refused"
            + " by perFunction.wallSeconds: 60 (node.yaml:12 perFunction.wallSeconds)",
      })
  void aNeedThatIsNotMetIsNamedWithTheRuleThatRefusesIt(String manifest, String line) {
    assertThat(admit(manifest)).hasToString(line);
  }

  @Test
  void anImageThatIsNotNamedIsRefused() {
    var manifest = MANIFEST.replace("image: python", "image: ruby");
    assertThat(
            NodePolicy.parse("node.yaml", POLICY).admit(Manifest.parse("f.yaml", manifest), time))
        .hasToString(
            "image ruby (f.yaml:3 image): refused by images: [js, python] (node.yaml:5 images)");
  }

  @Test
  void everyNeedThatIsNotMetIsNamed() {
    var admission =
        admit(
            """
            api: [call, tor]
            network: ['accept *4:1', 'accept *6:2']
            limits: {memoryBytes: 2000, diskBytes: 1}
            """);
    assertThat(admission.unmet())
        .map(Unmet::need)
        .containsExactly(
            "api call",
            "api tor",
            "network accept *4:1, such as 0.0.0.0:1",
            "network accept *6:2, such as [::]:2",
            "limits memoryBytes 2000",
            "limits diskBytes 1");
  }

  @Test
  void aPolicyThatNamesNothingGivesNothing() {
    var manifest = MANIFEST + "api: [exit]\nnetwork: ['accept *:1']\nlimits: {processes: 1}\n";
    assertThat(
            NodePolicy.parse("node.yaml", "version: 1")
                .admit(Manifest.parse("f.yaml", manifest), time))
        .hasToString(
            """
            image python (f.yaml:3 image): refused by images: [] (node.yaml:1: no images)
            api exit (f.yaml:4 api[0]): refused by api: [] (node.yaml:1: no api)
            network accept *:1, such as 0.0.0.0:1 (f.yaml:5 network[0]): refused by reject *:*\
             (no rule matches)
            limits processes 1 (f.yaml:6 limits.processes): refused by perFunction.processes:\
             not given (node.yaml:1: no perFunction)\
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "2025-12-31T23:59:59Z, validity.notBefore: 2026-01-01T00:00:00Z",
    "2027-01-01T00:00:01Z, validity.notAfter: 2027-01-01T00:00:00Z",
  })
  void outsideOfItsValidityAPolicyAdmitsNobody(String now, String rule) {
    var policy = NodePolicy.parse("node.yaml", POLICY);
    assertThat(
            policy.admit(
                Manifest.parse("f.yaml", MANIFEST), FakeTime.startingAt(Instant.parse(now))))
        .hasToString(
            "time %s (f.yaml:1): refused by %s (node.yaml:2 validity)".formatted(now, rule));
  }

  @ParameterizedTest
  @CsvSource({"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"})
  void bothEndsOfTheValidityAreWithin(String now) {
    assertThat(
            NodePolicy.parse("node.yaml", POLICY)
                .admit(Manifest.parse("f.yaml", MANIFEST), FakeTime.startingAt(Instant.parse(now)))
                .admitted())
        .isTrue();
  }
}
