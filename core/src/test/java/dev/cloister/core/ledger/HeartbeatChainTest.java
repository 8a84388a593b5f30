package dev.cloister.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lines as any other program reads them: by their documentation, with a JSON reader. */
final class HeartbeatChainTest {
  private final JsonMapper json = JsonMapper.builder().build();
  private Output output = Output.of(List.of(), List.of(), "");

  @BeforeEach
  void aContextLives() throws IOException {
    output = Output.ofAContext();
  }

  private byte[] signed(String line) {
    return Base64.getDecoder().decode(json.readTree(line).required("payload").stringValue());
  }

  private JsonNode payload(int number) {
    return json.readTree(new String(signed(output.heartbeats.get(number)), UTF_8));
  }

  private static String sha256(String text) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  private static List<String> names(JsonNode node) {
    return new ArrayList<>(node.propertyNames());
  }

  @Test
  void aLineHasAPayloadAndASignatureAndNothingElse() {
    for (var line : output.heartbeats) {
      assertThat(names(json.readTree(line))).containsExactly("payload", "signature");
    }
  }

  @Test
  void theFirstSaysWhatTheContextWasBornWithAndNoOtherSaysItAgain() {
    assertThat(names(payload(0)))
        .containsExactly(
            "sequence",
            "previous",
            "started",
            "now",
            "publicKey",
            "agreementKey",
            "measurement",
            "context",
            "counters",
            "output",
            "event");
    assertThat(payload(0).required("publicKey").stringValue()).isEqualTo(output.publicKey);
    for (var number = 1; number < output.heartbeats.size(); number++) {
      assertThat(names(payload(number)))
          .containsExactly("sequence", "previous", "started", "now", "counters", "output", "event");
    }
  }

  @Test
  void eachIsNumberedAndNamesTheLineBefore() throws GeneralSecurityException {
    assertThat(payload(0).required("previous").stringValue()).isEqualTo("0".repeat(64));
    for (var number = 0; number < output.heartbeats.size(); number++) {
      assertThat(payload(number).required("sequence").longValue()).isEqualTo(number);
      if (number > 0) {
        assertThat(payload(number).required("previous").stringValue())
            .isEqualTo(sha256(output.heartbeats.get(number - 1)));
      }
    }
  }

  @Test
  void eachBindsTheLinesSinceTheOneBefore() throws GeneralSecurityException {
    var next = 1;
    for (var number = 0; number < output.heartbeats.size(); number++) {
      var bound = payload(number).required("output");
      var last = bound.required("last").intValue();
      assertThat(bound.required("first").intValue()).isEqualTo(next);
      assertThat(bound.required("sha256").stringValue())
          .isEqualTo(sha256(Output.text(output.lines.subList(next - 1, last))));
      next = last + 1;
    }
    assertThat(next - 1).isEqualTo(output.lines.size()).isEqualTo(7);
  }

  @Test
  void theEventsTellALifeAndTheTimesAreTheContexts() {
    var events = new ArrayList<String>();
    var times = new ArrayList<String>();
    for (var number = 0; number < output.heartbeats.size(); number++) {
      events.add(payload(number).required("event").stringValue());
      times.add(payload(number).required("now").stringValue());
      assertThat(payload(number).required("started").stringValue())
          .isEqualTo("2026-01-02T03:04:05Z");
    }
    assertThat(events).containsExactly("sealed", "alive", "alive", "alive", "alive", "closed");
    assertThat(times)
        .containsExactly(
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:15Z",
            "2026-01-02T03:04:25Z",
            "2026-01-02T03:04:35Z",
            "2026-01-02T03:04:45Z",
            "2026-01-02T03:04:45Z");
  }

  @Test
  void countersAreNumbersUnderTheNamesOfTheLedger() {
    var counters = payload(5).required("counters");
    assertThat(names(counters)).containsExactly("outputLines", "outputBytes", "guaranteesLost");
    assertThat(counters.required("outputLines").longValue()).isEqualTo(7);
    assertThat(counters.required("outputBytes").longValue())
        .isEqualTo(Output.text(output.lines).length());
  }

  @Test
  void theSignatureIsEd25519OverThePayloadsBytes() throws GeneralSecurityException {
    var verifier = Signature.getInstance("Ed25519");
    for (var line : output.heartbeats) {
      var signature =
          Base64.getDecoder().decode(json.readTree(line).required("signature").stringValue());
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point())));
      verifier.update(signed(line));
      assertThat(verifier.verify(signature)).isTrue();
    }
  }

  /** RFC 8032, section 5.1.2: little-endian y, the top bit is the sign of x. */
  private EdECPoint point() {
    var bytes = HexFormat.of().parseHex(output.publicKey);
    var odd = bytes[31] < 0;
    bytes[31] &= 0x7f;
    var reversed = new byte[32];
    for (var i = 0; i < 32; i++) {
      reversed[i] = bytes[31 - i];
    }
    return new EdECPoint(odd, new BigInteger(1, reversed));
  }
}
