package dev.cloister.tracing.anonymize;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Mode;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.AddressText;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.RawRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a policy does not name stays inside, in every way in which it could be written. */
final class DropByDefaultTest {
  private static final List<String> TRANSFORMS =
      List.of(
          "keep",
          "drop",
          "prefix-preserving",
          "port-class",
          "{hash: 8}",
          "{truncate: 24}",
          "{bucket: 7}",
          "{constant: c}",
          "{shift: random}",
          "{url: [scheme, host, host-hash, port, path, path-depth, path-hash, extension, query,"
              + " query-names, query-count, query-hash]}");

  private static List<Field> fields() {
    return Http.schema().fields();
  }

  private static long number(Field field) {
    return 7_310_000_000_003L + 10_007L * field.index();
  }

  private static byte[] bytes(Field field) {
    return switch (field.type()) {
      case ADDRESS -> new byte[] {(byte) 203, 0, 113, (byte) (77 + field.index())};
      case URL ->
          ("http://canary%dq.example/".formatted(field.index()) + text(field)).getBytes(UTF_8);
      default -> text(field).getBytes(UTF_8);
    };
  }

  private static String text(Field field) {
    return "Canary%dq".formatted(field.index());
  }

  private static RawRecord full() {
    var record = Http.schema().newRecord().clear(3);
    for (var field : fields()) {
      switch (field.type()) {
        case PORT, TIME, NUMBER -> record.set(field, number(field));
        case ADDRESS, KEYWORD, TEXT, URL -> {
          var bytes = bytes(field);
          record.set(field, bytes, 0, bytes.length);
        }
      }
    }
    return record;
  }

  /** Writes the value of a field in every way there is, in lower case. */
  private static List<String> written(Field field) {
    var ways = new ArrayList<String>();
    var bytes =
        switch (field.type()) {
          case PORT, TIME, NUMBER -> {
            ways.add(String.valueOf(number(field)));
            ways.add(String.valueOf(number(field) / 1000));
            ways.add(Long.toHexString(number(field)));
            yield ByteBuffer.allocate(Long.BYTES).putLong(number(field)).array();
          }
          case ADDRESS -> {
            ways.add(AddressText.of(bytes(field), 0, 4));
            ways.add(String.valueOf(ByteBuffer.wrap(bytes(field)).getInt() & 0xffffffffL));
            yield bytes(field);
          }
          case KEYWORD, TEXT, URL -> {
            ways.add(text(field));
            ways.add(new StringBuilder(text(field)).reverse().toString());
            yield text(field).getBytes(UTF_8);
          }
        };
    ways.add(HexFormat.of().formatHex(bytes));
    ways.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    return ways.stream().map(way -> way.toLowerCase(Locale.ROOT)).toList();
  }

  private static String line(String rules) {
    var policy = AnonymizationPolicy.parse("p.yaml", "version: 1\nfields: {" + rules + "}\n");
    try (var probe = Probe.of(Http.schema(), policy, Mode.SEALED)) {
      return probe.line(full()).toLowerCase(Locale.ROOT);
    }
  }

  @Test
  void aPolicyThatNamesNothingLetsNothingOut() {
    assertThat(line("")).isEqualTo("{\"record\":\"http\",\"flow\":3}\n");
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aPolicyThatNamesOneFieldLetsNoOtherOut(Field named) {
    for (var transform : TRANSFORMS) {
      if (AnonymizationPolicy.transformsOf(named.type()).contains(word(transform))) {
        var line = line(named.fullPath() + ": " + transform);
        for (var other : fields()) {
          if (other != named) {
            assertThat(written(other))
                .as("%s in %s of %s", other, transform, named)
                .noneMatch(line::contains);
          }
        }
      }
    }
  }

  private static String word(String transform) {
    return transform.replaceAll("[{}]", "").split(":", 2)[0];
  }

  @ParameterizedTest
  @MethodSource("fields")
  void whatIsKeptWouldBeSeen(Field kept) {
    assertThat(written(kept)).anyMatch(line(kept.fullPath() + ": keep")::contains);
  }

  @Test
  void whatIsNotNamedIsNotWanted() {
    var policy =
        AnonymizationPolicy.parse(
            "p.yaml", "version: 1\nfields: {http.outcome: keep, http.request.host: drop}\n");
    var compiled = policy.compile(List.of(Http.schema(), Probe.SCHEMA), Mode.SEALED);
    assertThat(fields().stream().filter(field -> compiled.isWanted(Http.schema(), field.path())))
        .extracting(Field::path)
        .containsExactly("outcome");
    assertThat(compiled.isWanted(Probe.SCHEMA, "outcome")).isFalse();
  }
}
