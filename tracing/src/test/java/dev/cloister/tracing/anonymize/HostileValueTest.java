package dev.cloister.tracing.anonymize;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.internal.ReadJson;
import dev.cloister.tracing.record.RawRecord;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the traffic said, a line is one valid object on one line, as Jackson reads it. */
final class HostileValueTest {
  private static final String[] RULES = {
    "text: keep",
    "other: {hash: 8}",
    "word: keep",
    "url: {url: [scheme, host, path, extension, query, query-names, path-hash]}",
  };

  private static void fill(RawRecord record, byte[] value) {
    for (var field : List.of(Probe.TEXT, Probe.OTHER, Probe.WORD, Probe.URL)) {
      record.set(field, value, 0, value.length);
    }
  }

  private static Map<String, Object> read(Probe probe, byte[] value) {
    return ReadJson.line(probe.line(record -> fill(record, value)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "\u0000\u0001\u001f\u007f",
        "two\nlines\r\n\u2028\u2029\u0085",
        "\"},{\"record\":\"forged\"",
        "\\\\\"\\u0000",
        "größer, 大, \ud83d\ude00",
      })
  void textComesOutAsItIs(String value) {
    try (var probe = Probe.of(RULES)) {
      var members = read(probe, value.getBytes(UTF_8));
      assertThat(members).containsEntry("text", value).containsEntry("word", value);
      assertThat(members.keySet())
          .containsExactly("record", "flow", "word", "text", "other", "url");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff", // never in UTF-8
        "80", // a continuation of nothing
        "c3", // cut
        "c080", // overlong
        "eda080", // half a surrogate pair
        "eda080edb080", // both halves, each coded
        "f4908080", // beyond Unicode
        "61ff0a22", // among others
      })
  void whatIsNotUtf8ComesOutAsIso88591(String hex) {
    var value = HexFormat.of().parseHex(hex);
    try (var probe = Probe.of(RULES)) {
      assertThat(read(probe, value)).containsEntry("text", new String(value, ISO_8859_1));
    }
  }

  @Test
  void aMegabyteIsCutAndTheLineIsWhole() {
    try (var probe = Probe.of("text: keep")) {
      for (var letter : List.of("x", "\u0000", "\"", "é")) {
        var value = letter.repeat(1 << 20).getBytes(UTF_8);
        var line = probe.line(record -> record.set(Probe.TEXT, value, 0, value.length));
        var text = (String) ReadJson.line(line).get("text");
        assertThat(text).startsWith(letter).hasSizeLessThanOrEqualTo(RawRecord.TEXT_BYTES_MAX);
      }
    }
  }

  @Test
  void anyBytesGiveOneLine() {
    var random = new Random(10);
    var pieces =
        "ab\"\\/{}:,\n\r\u0000\u001f\u00c3\u00a9\u00ff\u00ed\u00a0\u00f0\u009f\u0098\u0080?&=";
    try (var probe = Probe.of(RULES)) {
      for (var i = 0; i < 5000; i++) {
        var value = new byte[random.nextInt(40)];
        for (var at = 0; at < value.length; at++) {
          value[at] = (byte) pieces.charAt(random.nextInt(pieces.length()));
        }
        assertThat(read(probe, value)).as("seed 10, %d", i).containsEntry("record", "probe");
      }
    }
  }
}
