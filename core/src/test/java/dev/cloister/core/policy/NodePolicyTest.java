package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A node's policy says exactly what it gives, and what is no policy is rejected where it stands.
 */
final class NodePolicyTest {
  private static final String MANIFEST =
      """
      name: echo
      codeDigest: "%s"
      image: python
      """
          .formatted("0".repeat(64));

  private static NodePolicy policy(String... lines) {
    return NodePolicy.parse("node.yaml", "version: 1\n" + String.join("\n", lines));
  }

  @Test
  void everyFieldIsRead() {
    var policy =
        policy(
            "validity: {notBefore: 2026-01-01T00:00:00Z, notAfter: 2027-01-01T00:00:00Z}",
            "images: [python, js]",
            "api: [receive, fetch]",
            "network: ['accept *:443']",
            "systemCalls: {allow: [read, write, ptrace], deny: [ptrace]}",
            "perFunction: {processes: 2, wallSeconds: 5}",
            "total: {processes: 4, wallSeconds: 20}",
            "lifetime: 3",
            "attestation: none");
    assertThat(policy.validity().notBefore()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(policy.validity().notAfter()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
    assertThat(policy.images()).containsExactlyInAnyOrder("python", "js");
    assertThat(policy.api()).containsExactly(ApiCall.RECEIVE, ApiCall.FETCH);
    assertThat(policy.network()).hasToString("accept *:443");
    assertThat(policy.systemCalls().leaves("read")).isTrue();
    assertThat(policy.systemCalls().leaves("ptrace")).isFalse();
    assertThat(policy.systemCalls().leaves("open")).isFalse();
    assertThat(policy.perFunction()).hasToString("{wallSeconds: 5, processes: 2}");
    assertThat(policy.total()).hasToString("{wallSeconds: 20, processes: 4}");
    assertThat(policy.lifetime()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void whatIsNotNamedIsNotGiven() {
    var policy = policy();
    assertThat(policy.images()).isEmpty();
    assertThat(policy.api()).isEmpty();
    assertThat(policy.network().rules()).isEmpty();
    assertThat(policy.perFunction()).isEqualTo(ResourceLimits.none());
    assertThat(policy.total()).isEqualTo(ResourceLimits.none());
    assertThat(policy.lifetime()).isZero();
    assertThat(policy.validity()).isEqualTo(Validity.ALWAYS);
  }

  @Test
  void withoutATotalThereIsRoomForOneFunction() {
    var policy = policy("perFunction: {processes: 2, wallSeconds: 5}");
    assertThat(policy.total()).isEqualTo(policy.perFunction());
    assertThat(policy.lifetime()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void systemCallsAreOnlyNarrowed() {
    assertThat(policy().systemCalls().leaves("ptrace")).isTrue();
    assertThat(policy("systemCalls: {deny: [ptrace]}").systemCalls())
        .isEqualTo(new SystemCalls(Optional.empty(), Set.of("ptrace")));
    assertThat(policy("systemCalls: {allow: []}").systemCalls().leaves("read")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red | node.yaml:2 colour: unknown field \"colour\": allowed are api, attestation,"
            + " images, lifetime, network, perFunction, systemCalls, total, validity, version",
        "api: [fetsh] | node.yaml:2 api[0]: \"fetsh\": allowed are receive, poll, send, store,"
            + " random, time, exit, fetch, call, tor",
        "api: fetch | node.yaml:2 api: \"fetch\": allowed is a list",
        "images: ['a b'] | node.yaml:2 images[0]: \"a b\": allowed are up to 64 letters, digits,"
            + " dots, dashes and underscores",
        "network: ['accept *:70000'] | node.yaml:2 network[0]: port 70000 in \"accept *:70000\":"
            + " allowed 1-65535",
        "systemCalls: {deny: [Ptrace]} | node.yaml:2 systemCalls.deny[0]: \"Ptrace\": allowed is a"
            + " system call's name, such as ptrace",
        "systemCalls: {add: [ptrace]} | node.yaml:2 systemCalls.add: unknown field \"add\": allowed"
            + " are allow, deny",
        "validity: {notAfter: tomorrow} | node.yaml:2 validity.notAfter: \"tomorrow\": allowed is a"
            + " time such as 2026-01-01T00:00:00Z",
        "validity: {notAfter: 2026-01-01T00:00:00Z, notBefore: 2026-01-02T00:00:00Z} | node.yaml:2"
            + " validity: notAfter 2026-01-01T00:00:00Z: allowed is no time before notBefore"
            + " 2026-01-02T00:00:00Z",
        "lifetime: 0 | node.yaml:2 lifetime: 0: allowed is a whole number from 1 to 316224000",
        "attestation: sev-snp | node.yaml:2 attestation: \"sev-snp\": allowed is none, since this"
            + " version offers no attestation",
        "perFunction: {threads: 1} | node.yaml:2 perFunction.threads: unknown field \"threads\":"
            + " allowed are bytesIn, bytesOut, cpuSeconds, cpuShare, diskBytes, memoryBytes,"
            + " openFiles, processes, wallSeconds",
      })
  void whatIsNoPolicyIsRejectedWithItsPlace(String line, String message) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy(line))
        .withMessage(message);
  }

  @Test
  void anotherVersionOrNoneIsRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NodePolicy.parse("node.yaml", "version: 2"))
        .withMessage("node.yaml:1 version: 2: allowed is a whole number from 1 to 1");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NodePolicy.parse("node.yaml", "api: []"))
        .withMessage("node.yaml:1: field \"version\" is missing");
  }

  @Test
  void aTotalInWhichOneFunctionDoesNotFitIsRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("perFunction: {processes: 2}", "total: {processes: 1}"))
        .withMessage(
            "node.yaml:3 total.processes: perFunction has processes 2: allowed 1 in total: give at"
                + " least what one function gets");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("perFunction: {processes: 2}", "total: {diskBytes: 1}"))
        .withMessageStartingWith("node.yaml:3 total: perFunction has processes 2: allowed 0");
  }

  @Test
  void longListsAreRejected() {
    var images =
        IntStream.range(0, 257).mapToObj(i -> "i" + i).collect(Collectors.joining(", ", "[", "]"));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("images: " + images))
        .withMessage("node.yaml:2 images: 257 images: allowed are 256");
    var calls =
        IntStream.range(0, 1025).mapToObj(i -> "c" + i).collect(Collectors.joining(", ", "[", "]"));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("systemCalls: {deny: " + calls + "}"))
        .withMessage("node.yaml:2 systemCalls.deny: 1025 system calls: allowed are 1024");
  }

  @Test
  void aFunctionIsHeldToWhatItNamesAndElseToWhatOneGets() {
    var policy = policy("perFunction: {processes: 2, wallSeconds: 5, diskBytes: 7}");
    var manifest = Manifest.parse("f.yaml", MANIFEST + "limits: {processes: 1, wallSeconds: 0.5}");
    assertThat(policy.limitsFor(manifest))
        .hasToString("{wallSeconds: 0.5, processes: 1, diskBytes: 7}");
  }

  @Test
  void noFunctionRunsLongerThanACellLives() {
    var policy = policy("perFunction: {wallSeconds: 50}", "lifetime: 3");
    assertThat(policy.limitsFor(Manifest.parse("f.yaml", MANIFEST)))
        .hasToString("{wallSeconds: 3}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 1 | f.yaml:4 version: unknown field \"version\": allowed are api, codeDigest,"
            + " image, limits, name, network, signature",
        "signature: me | f.yaml:4 signature: \"me\": allowed is none, or the Ed25519 key that"
            + " signed this file: 64 lower-case hex digits",
        "limits: {cpuShare: -1} | f.yaml:4 limits.cpuShare: cpuShare -1: allowed is a number from 0"
            + " to 9007199254 with up to six decimals",
      })
  void whatIsNoManifestIsRejectedWithItsPlace(String line, String message) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.parse("f.yaml", MANIFEST + line))
        .withMessage(message);
  }

  @Test
  void aManifestNamesItsCodeByDigest() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.parse("f.yaml", MANIFEST.replace("00", "0G")))
        .withMessageEndingWith("allowed is the SHA-256 of the code 64 lower-case hex digits");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.parse("f.yaml", "name: a\nimage: b\n"))
        .withMessage("f.yaml:1: field \"codeDigest\" is missing");
  }

  @Test
  void aManifestHasFewRules() {
    var rules =
        IntStream.range(1, 258)
            .mapToObj(port -> "'accept *:" + port + "'")
            .collect(Collectors.joining(", ", "[", "]"));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.parse("f.yaml", MANIFEST + "network: " + rules))
        .withMessage("f.yaml:4 network: 257 rules: allowed are 256; join some");
  }
}
