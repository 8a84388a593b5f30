package dev.cloister.tracing.anonymize;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One value never has the text of another, and what is not known is found out anew. */
final class TextCacheTest {
  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static String found(TextCache cache, String value) {
    // Not at the array's beginning, and not at its end.
    var bytes = ascii("<" + value + ">");
    return new String(cache.find(bytes, 1, value.length()), US_ASCII);
  }

  private static void put(TextCache cache, String value, String output) {
    var bytes = ascii("<" + value + ">");
    found(cache, value);
    cache.put(bytes, 1, value.length(), ascii(output + "rest"), output.length());
  }

  @Test
  void whatWasPutIsFound() {
    var cache = new TextCache();
    assertThat(found(cache, "value")).isEmpty();
    put(cache, "value", "output");
    assertThat(found(cache, "value")).isEqualTo("output");
    assertThat(found(cache, "values")).isEmpty();
    assertThat(found(cache, "valu")).isEmpty();
  }

  @Test
  void valuesOfOneHashTakeEachOthersPlaceAndNotTheirText() {
    // By the rule of 31 these four hash alike.
    var alike = List.of("AaAa", "AaBB", "BBAa", "BBBB");
    for (var first : alike) {
      for (var second : alike) {
        var cache = new TextCache();
        put(cache, first, "of " + first);
        assertThat(found(cache, second)).isEqualTo(first.equals(second) ? "of " + first : "");
        put(cache, second, "of " + second);
        assertThat(found(cache, second)).isEqualTo("of " + second);
        assertThat(found(cache, first)).isEqualTo(first.equals(second) ? "of " + first : "");
      }
    }
  }

  @Test
  void longValuesAndEmptyOnesAreNotRemembered() {
    var cache = new TextCache();
    for (var value : List.of("", "x".repeat(257), "x".repeat(100_000))) {
      put(cache, value, "output");
      assertThat(found(cache, value)).isEmpty();
    }
    put(cache, "x".repeat(256), "output");
    assertThat(found(cache, "x".repeat(256))).isEqualTo("output");
    assertThat(found(cache, "x".repeat(257))).isEmpty();
  }

  @Test
  void afterClearingNothingIsKnown() {
    var cache = new TextCache();
    put(cache, "value", "output");
    cache.clear();
    assertThat(found(cache, "value")).isEmpty();
  }

  @Test
  void manyMoreValuesThanPlacesEachHaveTheirOwnText() {
    var random = new Random(12);
    var cache = new TextCache();
    var known = 0;
    for (var i = 0; i < 100_000; i++) {
      var value = Integer.toString(random.nextInt(3000), 36).repeat(1 + random.nextInt(2));
      var text = found(cache, value);
      if (text.isEmpty()) {
        put(cache, value, "of " + value);
      } else {
        known++;
        assertThat(text).as("seed 12, %d", i).isEqualTo("of " + value);
      }
    }
    assertThat(known).isPositive();
  }

  @Test
  void namesOfManyValuesAreTheSameBeforeAndAfterTheyWereForgotten() {
    var names = new HashMap<String, String>();
    try (var probe = Probe.of("text: {hash: 16}")) {
      var random = new Random(13);
      for (var i = 0; i < 20_000; i++) {
        var value = List.of("Aa", "BB").get(random.nextInt(2)).repeat(3) + random.nextInt(2000);
        var name = probe.made(Probe.TEXT, value);
        assertThat(names.computeIfAbsent(value, _ -> name)).as("seed 13, %d", i).isEqualTo(name);
      }
      assertThat(names.values()).doesNotHaveDuplicates();
    }
  }
}
