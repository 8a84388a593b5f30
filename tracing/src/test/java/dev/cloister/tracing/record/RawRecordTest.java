package dev.cloister.tracing.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.tracing.flow.Direction;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A record keeps copies, forgets them all, and holds so much and no more. */
final class RawRecordTest {
  private static final Schema.Builder BUILDER = Schema.named("probe");
  private static final Field ADDRESS = BUILDER.field("address", FieldType.ADDRESS, "an address");
  private static final Field NUMBER = BUILDER.field("number", FieldType.NUMBER, "a number");
  private static final Field A = BUILDER.field("a", FieldType.TEXT, "a text");
  private static final Field B = BUILDER.field("b", FieldType.TEXT, "a text");
  private static final Field URL = BUILDER.field("url", FieldType.URL, "a URL");
  private static final Schema SCHEMA = BUILDER.build();
  private static final byte[] WORD = ascii("http://");

  private final RawRecord record = SCHEMA.newRecord().clear(7);

  private static byte[] ascii(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static void add(RawRecord record, Field field, String value) {
    record.add(field, ", ", ascii(value), 0, value.length());
  }

  @Test
  void whatIsSetIsCopied() {
    var bytes = ascii("<value>");
    record.set(A, bytes, 1, 5);
    Arrays.fill(bytes, (byte) 'x');
    assertThat(record.text(A)).isEqualTo("value");
    assertThat(record.length(A)).isEqualTo(5);
  }

  @Test
  void onlyWhatIsSetIsThere() {
    record.set(NUMBER, 0);
    record.set(A, "");
    assertThat(record.has(NUMBER)).isTrue();
    assertThat(record.has(A)).isTrue();
    assertThat(record.has(B)).isFalse();
  }

  @Test
  void clearingForgetsEveryField() {
    record.set(A, "of one connection");
    record.set(NUMBER, 5);
    record.clear(8);
    assertThat(SCHEMA.fields()).noneMatch(record::has);
    assertThat(record.flow()).isEqualTo(8);
    add(record, A, "of another");
    assertThat(record.text(A)).isEqualTo("of another");
  }

  @Test
  void numbersAndBytesAreNotMistakenForEachOther() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record.set(A, 5))
        .withMessage("probe.a is text, not a number");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record.set(NUMBER, "5"))
        .withMessage("probe.number is a number, not bytes");
    assertThat(SCHEMA.fields()).noneMatch(record::has);
  }

  @Test
  void itsNameTellsNothingOfItsContent() {
    record.set(A, "secret");
    assertThat(record).hasToString("RawRecord[probe of flow 7]");
  }

  @Test
  void textsGrowWhereTheyAreAndWhereTheyAreNot() {
    add(record, A, "a1");
    add(record, A, "a2");
    add(record, B, "b1");
    add(record, A, "a3");
    add(record, B, "");
    assertThat(record.text(A)).isEqualTo("a1, a2, a3");
    assertThat(record.text(B)).isEqualTo("b1, ");
  }

  @Test
  void aWordAndAnotherTextArePutBefore() {
    record.set(URL, "/path");
    record.set(B, "host");
    record.prepend(URL, WORD, B);
    assertThat(record.text(URL)).isEqualTo("http://host/path");
    assertThat(record.text(B)).isEqualTo("host");
  }

  @Test
  void anAddressIsThatOfTheSender() {
    var flow = GivenFlow.fromTheBeginning();
    record.setSource(ADDRESS, flow, Direction.SERVER_TO_CLIENT);
    var text = AddressText.of(record.bytes(), record.offset(ADDRESS), record.length(ADDRESS));
    assertThat(text).isEqualTo("198.51.100.2");
  }

  @Test
  void whatIsLongerThanARecordIsCut() {
    record.set(A, "a".repeat(RawRecord.TEXT_BYTES_MAX - 2));
    record.set(B, "bcd");
    record.setSource(ADDRESS, GivenFlow.fromTheBeginning(), Direction.CLIENT_TO_SERVER);
    assertThat(record.length(A)).isEqualTo(RawRecord.TEXT_BYTES_MAX - 2);
    assertThat(record.text(B)).isEqualTo("bc");
    assertThat(record.has(ADDRESS)).as("half an address is none").isFalse();
    record.clear(8);
    record.set(B, "bcd");
    assertThat(record.text(B)).isEqualTo("bcd");
  }

  @Test
  void whatCannotGrowStaysAsItIs() {
    record.set(A, "a".repeat(RawRecord.TEXT_BYTES_MAX / 2));
    record.set(B, "host");
    record.set(URL, "/path");
    add(record, A, "more");
    record.prepend(URL, WORD, A);
    assertThat(record.length(A)).isEqualTo(RawRecord.TEXT_BYTES_MAX / 2);
    assertThat(record.text(URL)).isEqualTo("/path");
    assertThat(record.text(B)).isEqualTo("host");
  }

  @Test
  void randomWorkGivesWhatStringsGive() {
    for (var seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var expected = new HashMap<Field, String>();
      record.clear(seed);
      for (var i = 0; i < 40; i++) {
        var field = random.nextBoolean() ? A : B;
        var value = "v" + random.nextInt(1000) + "x".repeat(random.nextInt(40));
        switch (random.nextInt(3)) {
          case 0 -> {
            record.set(field, value);
            expected.put(field, value);
          }
          case 1 -> {
            add(record, field, value);
            expected.merge(field, value, (before, added) -> before + ", " + added);
          }
          default -> {
            if (record.has(A) && record.has(B)) {
              record.prepend(A, WORD, B);
              expected.put(A, "http://" + expected.get(B) + expected.get(A));
            }
          }
        }
        for (var entry : expected.entrySet()) {
          assertThat(record.text(entry.getKey()))
              .as("seed %d, step %d", seed, i)
              .isEqualTo(entry.getValue());
        }
        if (expected.values().stream().mapToInt(String::length).sum() > 2000) {
          record.clear(seed);
          expected.clear();
        }
      }
    }
  }
}
