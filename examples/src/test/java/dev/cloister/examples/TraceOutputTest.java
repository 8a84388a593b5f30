package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a trace, as another program reads them that knows the page of commands alone. */
final class TraceOutputTest {
  /** What RFC 8410 puts before the 32 bytes of an Ed25519 key. */
  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  @TempDir private static Path directory;
  private static Path output = Path.of("");
  private static Run run = new Run(-1, "", "");

  @BeforeAll
  static void traceTheShippedCapture() {
    output = directory.resolve("new").resolve("output");
    run = Run.of(new Trace(), "--out=" + output);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).as("progress is for terminals").isEmpty();
  }

  private static List<String> lines(String file) throws IOException {
    return Files.readAllLines(output.resolve(file));
  }

  private static Node json(String line) {
    return Document.parse("line.json", line).root();
  }

  @Test
  void theFilesAreThoseOfThePageAndNoOther() throws IOException {
    try (var files = Files.list(output)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "pid", "posture.json", "trace.jsonl", "summary.json", "heartbeats.jsonl");
    }
    assertThat(output.resolve("pid")).hasContent(ProcessHandle.current().pid() + "\n");
  }

  @Test
  void theShippedCaptureGivesItsKnownTruth() throws IOException {
    var summary = Summary.of(output);
    assertThat(summary.number("received")).isEqualTo(4088);
    assertThat(summary.number("analysed")).isEqualTo(4088);
    assertThat(summary.number("tcpFlows")).isEqualTo(215);
    assertThat(summary.number("httpRequests")).isEqualTo(439);
    assertThat(summary.number("httpResponses")).isEqualTo(447);
    assertThat(summary.number("ipDatagramsReassembled")).isEqualTo(8);
    assertThat(summary.number("holeBytes")).isZero();
    assertThat(summary.number("conflictingBytes")).isZero();
    assertThat(summary.number("erroneousFlows")).isZero();
    assertThat(summary.number("spilledBytes")).isZero();
    assertThat(summary.number("peakResidentBytes")).isGreaterThan(1 << 20);
    assertThat(summary.sum("evicted")).isZero();
    assertThat(summary.root().required("lost").members()).isEmpty();
  }

  @Test
  void theSummaryHasTheKeysOfThePageAndNumbersAlone() throws IOException {
    var members = Summary.of(output).root().members();
    assertThat(members.keySet())
        .containsExactly(
            "received",
            "analysed",
            "lost",
            "tcpFlows",
            "ipDatagramsReassembled",
            "httpRequests",
            "httpResponses",
            "holeBytes",
            "conflictingBytes",
            "erroneousFlows",
            "evicted",
            "spilledBytes",
            "peakResidentBytes");
    members.forEach((name, value) -> {
      var numbers =
          Set.of("lost", "evicted").contains(name) ? value.members().values() : List.of(value);
      assertThat(numbers).as(name).allMatch(number -> number.kind() == Node.Kind.NUMBER);
    });
  }

  @Test
  void thePostureListsEachGuaranteeOnceWithItsStateAndEvidence() throws IOException {
    var findings = Document.read(output.resolve("posture.json")).root().items();
    assertThat(findings)
        .extracting(finding -> finding.required("guarantee").text())
        .containsExactlyElementsOf(
            Arrays.stream(Guarantee.values()).map(Guarantee::label).toList());
    for (var finding : findings) {
      assertThat(finding.members().keySet()).containsExactly("guarantee", "state", "evidence");
      assertThat(finding.required("state").text()).isIn("ENFORCED", "WEAKENED", "ABSENT");
      assertThat(finding.required("evidence").text()).isNotBlank();
      assertThat(run.out()).contains(finding.required("evidence").text());
    }
  }

  @Test
  void theTraceBeginsWithItsHeaderAndGoesOnWithRecords() throws IOException {
    var lines = lines("trace.jsonl");
    var header = json(lines.getFirst());
    assertThat(header.members().keySet())
        .contains("record", "format", "mode", "publicKey", "policyDigest", "waivers");
    assertThat(header.required("record").text()).isEqualTo("header");
    assertThat(header.required("mode").text()).isEqualTo("sealed");
    assertThat(header.required("publicKey").text()).matches("[0-9a-f]{64}");
    assertThat(header.required("policyDigest").text())
        .isEqualTo(AnonymizationPolicy.load(Path.of("policies", "http.yaml")).digest());
    assertThat(lines).hasSizeGreaterThan(439);
    assertThat(lines.subList(1, lines.size()))
        .allMatch(line -> json(line).required("record").text().equals("http"));
  }

  @Test
  void aRecordHasTheFieldsOfThePolicyAlone() throws IOException {
    var policy =
        Document.read(Path.of("policies", "http.yaml")).root().required("fields").members();
    var lines = lines("trace.jsonl");
    for (var line : lines.subList(1, lines.size())) {
      for (var member : json(line).members().entrySet()) {
        switch (member.getKey()) {
          case "record" -> assertThat(member.getValue().text()).isEqualTo("http");
          case "flow" -> assertThat(member.getValue().integer(0, 214)).isNotNegative();
          case "outcome" -> assertThat(policy).containsKey("http.outcome");
          default ->
              assertThat(policy.keySet())
                  .containsAll(
                      member.getValue().members().keySet().stream()
                          .map(name -> "http." + member.getKey() + "." + name)
                          .toList());
        }
      }
    }
  }

  @Test
  void theHeartbeatsAreSignedNumberedAndChainedAndBindEveryLine()
      throws IOException, GeneralSecurityException {
    var beats = lines("heartbeats.jsonl");
    var trace = lines("trace.jsonl");
    var previous = "0".repeat(64);
    var verifier = verifier(payload(beats.getFirst()).required("publicKey").text());
    var bound = 0L;
    for (var number = 0; number < beats.size(); number++) {
      var line = json(beats.get(number));
      assertThat(line.members().keySet()).containsExactly("payload", "signature");
      verifier.update(decoded(line, "payload"));
      assertThat(verifier.verify(decoded(line, "signature"))).isTrue();
      var payload = payload(beats.get(number));
      assertThat(payload.required("sequence").integer(0, 1000)).isEqualTo(number);
      assertThat(payload.required("previous").text()).isEqualTo(previous);
      var output = payload.required("output");
      assertThat(output.required("first").integer(1, 1000)).isEqualTo(bound + 1);
      var last = output.required("last").integer(0, 1000);
      assertThat(output.required("sha256").text()).isEqualTo(sha256(trace, bound, last));
      assertThat(payload.members().keySet()).contains("started", "now", "counters");
      assertThat(payload.required("event").text().equals("closed"))
          .isEqualTo(number == beats.size() - 1);
      previous = Description.sha256Hex(beats.get(number).getBytes(UTF_8));
      bound = last;
    }
    assertThat(bound).isEqualTo(trace.size());
  }

  private static Signature verifier(String publicKey) throws GeneralSecurityException {
    var encoded = HexFormat.of().parseHex(ED25519_PREFIX + publicKey);
    var key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    var verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(key);
    return verifier;
  }

  private static byte[] decoded(Node line, String name) {
    return Base64.getDecoder().decode(line.required(name).text());
  }

  private static Node payload(String beat) {
    return json(new String(decoded(json(beat), "payload"), UTF_8));
  }

  /** The digest of some lines, each with its line feed; the last is counted from 1. */
  private static String sha256(List<String> lines, long from, long to) {
    var text = new StringBuilder();
    for (var line : lines.subList(Math.toIntExact(from), Math.toIntExact(to))) {
      text.append(line).append('\n');
    }
    return Description.sha256Hex(text.toString().getBytes(UTF_8));
  }
}
