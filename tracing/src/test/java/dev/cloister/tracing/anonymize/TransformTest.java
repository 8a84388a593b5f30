package dev.cloister.tracing.anonymize;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.crypto.pseudonym.KeyedHash;
import dev.cloister.tracing.record.Field;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each transform makes of each type of field, to the character. */
final class TransformTest {
  private static final long NANOS = 1_700_000_000_123_456_789L;

  private static String made(String rule, Field field, String value) {
    try (var probe = Probe.of(field.path() + ": " + rule)) {
      return probe.made(field, value);
    }
  }

  private static String made(String rule, Field field, long value) {
    try (var probe = Probe.of(field.path() + ": " + rule)) {
      return probe.made(field, value);
    }
  }

  private static String madeOfAddress(String rule, String address) {
    try (var probe = Probe.of("address: " + rule)) {
      return probe.madeOfAddress(Probe.ADDRESS, address);
    }
  }

  @Test
  void aLineHasItsKindItsConnectionAndTheFieldsInTheOrderOfTheirSchema() {
    try (var probe = Probe.of("url: keep", "number: keep", "text: keep", "port: keep")) {
      var line =
          probe.line(record -> {
            record.set(Probe.TEXT, "a \"b\"");
            record.set(Probe.NUMBER, -5);
            record.set(Probe.PORT, 80);
          });
      assertThat(line)
          .isEqualTo(
              "{\"record\":\"probe\",\"flow\":3,\"port\":80,\"number\":-5,\"text\":\"a \\\"b\\\"\"}"
                  + "\n");
    }
  }

  @Test
  void keepLetsEachTypeOutAsItIs() {
    assertThat(madeOfAddress("keep", "192.0.2.255")).isEqualTo("\"192.0.2.255\"");
    assertThat(madeOfAddress("keep", "2001:db8::1")).isEqualTo("\"2001:db8::1\"");
    assertThat(made("keep", Probe.PORT, 65_535)).isEqualTo("65535");
    assertThat(made("keep", Probe.BEGIN, NANOS)).isEqualTo("1700000000123456");
    assertThat(made("keep", Probe.BEGIN, -1)).isEqualTo("-1");
    assertThat(made("keep", Probe.NUMBER, Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    assertThat(made("keep", Probe.WORD, "complete")).isEqualTo("\"complete\"");
    assertThat(made("keep", Probe.TEXT, "größer")).isEqualTo("\"größer\"");
    assertThat(made("keep", Probe.URL, "http://a/?b")).isEqualTo("\"http://a/?b\"");
  }

  @ParameterizedTest
  @CsvSource({"address", "port", "begin", "number", "word", "text", "url"})
  void dropLetsNothingOut(String field) {
    try (var probe = Probe.of(field + ": drop")) {
      var line =
          probe.line(record -> {
            record.set(Probe.ADDRESS, new byte[4], 0, 4);
            record.set(Probe.PORT, 1);
            record.set(Probe.BEGIN, 1);
            record.set(Probe.NUMBER, 1);
            record.set(Probe.WORD, "w");
            record.set(Probe.TEXT, "t");
            record.set(Probe.URL, "u");
          });
      assertThat(line).isEqualTo("{\"record\":\"probe\",\"flow\":3}\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "address, 'x'",
    "port, 0",
    "begin, -1",
    "number, 1.5e3",
    "word, true",
    "text, größer",
    "url, 1e400",
  })
  void aConstantStandsForAnyValueOfAnyType(String path, String value) {
    var field = Probe.SCHEMA.field(path).orElseThrow();
    var isNumber = value.matches("-?[0-9].*");
    try (var probe = Probe.of(path + ": {constant: " + value + "}")) {
      var line =
          probe.line(record -> {
            switch (field.type()) {
              case ADDRESS -> record.set(field, new byte[16], 0, 16);
              case PORT, TIME, NUMBER -> record.set(field, 4711);
              case KEYWORD, TEXT, URL -> record.set(field, "secret");
            }
          });
      assertThat(line)
          .contains("\"" + path + "\":" + (isNumber ? value : "\"" + value + "\"") + "}");
    }
  }

  @Test
  void aConstantIsWrittenAsJsonHasIt() {
    assertThat(made("{constant: \"a\\n\\u0000\\\"b\"}", Probe.TEXT, "x"))
        .isEqualTo("\"a\\n\\u0000\\\"b\"");
    assertThat(made("{constant: \"12\"}", Probe.TEXT, "x")).isEqualTo("\"12\"");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.255, 32, 192.0.2.255",
    "192.0.2.255, 128, 192.0.2.255",
    "192.0.2.255, 24, 192.0.2.0",
    "192.0.2.255, 25, 192.0.2.128",
    "192.0.2.255, 1, 128.0.0.0",
    "192.0.2.255, 0, 0.0.0.0",
    "2001:db8:ffff:ffff::1, 128, 2001:db8:ffff:ffff::1",
    "2001:db8:ffff:ffff::1, 33, 2001:db8:8000::",
    "2001:db8:ffff:ffff::1, 0, ::",
  })
  void truncateLetsTheFirstBitsOut(String address, int bits, String expected) {
    assertThat(madeOfAddress("{truncate: " + bits + "}", address))
        .isEqualTo("\"" + expected + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "1023, 1024, 0",
    "1024, 1024, 1024",
    "2047, 1024, 1024",
    "7, 1, 7",
    "-1, 10, -10",
    "9223372036854775807, 9223372036854775807, 9223372036854775807",
  })
  void bucketRoundsDown(long value, long size, String expected) {
    assertThat(made("{bucket: " + size + "}", Probe.NUMBER, value)).isEqualTo(expected);
  }

  @Test
  void bucketRoundsPortsAndTimesInMicroseconds() {
    assertThat(made("{bucket: 1000}", Probe.PORT, 8080)).isEqualTo("8000");
    assertThat(made("{bucket: 1000000}", Probe.BEGIN, NANOS)).isEqualTo("1700000000000000");
  }

  @ParameterizedTest
  @CsvSource({"0, system", "1023, system", "1024, user", "49151, user", "49152, dynamic"})
  void portClassNamesTheRange(int port, String expected) {
    assertThat(made("port-class", Probe.PORT, port)).isEqualTo("\"" + expected + "\"");
  }

  @ParameterizedTest
  @CsvSource({"text, 4", "text, 32", "url, 8"})
  void hashIsOfTheValueUnderTheKeyOfItsField(String path, int bytes)
      throws GeneralSecurityException {
    var field = Probe.SCHEMA.field(path).orElseThrow();
    try (var probe = Probe.of(path + ": {hash: " + bytes + "}");
        var key = probe.keys.derived("policy/hash/probe." + path, KeyedHash.KEY_BYTES)) {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.use(SecretAccess.granted(), byte[]::clone), "HmacSHA256"));
      var expected = HexFormat.of().formatHex(mac.doFinal("secret é".getBytes(UTF_8)), 0, bytes);
      assertThat(probe.made(field, "secret é")).isEqualTo("\"" + expected + "\"");
      assertThat(probe.made(field, "secret é")).as("again").isEqualTo("\"" + expected + "\"");
    }
  }

  @Test
  void hashTakesAddressesAndNothingAtAll() {
    assertThat(madeOfAddress("{hash: 4}", "192.0.2.1")).matches("\"[0-9a-f]{8}\"");
    assertThat(made("{hash: 4}", Probe.TEXT, "")).matches("\"[0-9a-f]{8}\"");
  }
}
