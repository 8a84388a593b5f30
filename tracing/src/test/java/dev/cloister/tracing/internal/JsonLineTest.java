package dev.cloister.tracing.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One object a line, nested one deep, whatever is written of it. */
final class JsonLineTest {
  private static String line(JsonLine line, Consumer<JsonLine> content) {
    var out = new ByteArrayOutputStream();
    line.begin();
    content.accept(line);
    try {
      line.end(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return out.toString(UTF_8);
  }

  private static String line(Consumer<JsonLine> content) {
    try (var line = new JsonLine()) {
      return line(line, content);
    }
  }

  private static void number(JsonLine line, String path, long value) {
    line.name(JsonLine.Name.of(path));
    line.json().writeNumber(value);
  }

  @Test
  void namesWithADotAreNested() {
    var text =
        line(line -> {
          number(line, "a", 1);
          number(line, "b.c", 2);
          number(line, "b.d", 3);
          number(line, "e.c", 4);
          number(line, "f", 5);
          number(line, "g.h", 6);
        });
    assertThat(text)
        .isEqualTo("{\"a\":1,\"b\":{\"c\":2,\"d\":3},\"e\":{\"c\":4},\"f\":5,\"g\":{\"h\":6}}\n");
    assertThat(ReadJson.line(text)).containsEntry("b", Map.of("c", 2L, "d", 3L));
  }

  @Test
  void anObjectOfNothingIsALine() {
    assertThat(line(_ -> {})).isEqualTo("{}\n");
  }

  @Test
  void linesFollowEachOtherAndKnowNothingOfTheOneBefore() {
    try (var line = new JsonLine()) {
      assertThat(line(line, it -> number(it, "a.b", 1))).isEqualTo("{\"a\":{\"b\":1}}\n");
      assertThat(line(line, it -> number(it, "a.c", 2))).isEqualTo("{\"a\":{\"c\":2}}\n");
    }
  }

  @Test
  void aTextOfAMegabyteIsWhole() {
    for (var letter : List.of("x", "\"", "\n", "é", "\ud83d\ude00")) {
      var value = letter.repeat(1 << 20);
      var bytes = value.getBytes(UTF_8);
      var text =
          line(line -> {
            line.name(JsonLine.Name.of("a"));
            line.text(bytes, 0, bytes.length);
          });
      assertThat(value.equals(ReadJson.line(text).get("a"))).as(letter).isTrue();
    }
  }

  @Test
  void textIsReadInTheMiddleOfAnArray() {
    var bytes = "\u00ff<größer>\u00ff".getBytes(UTF_8);
    var text =
        line(line -> {
          line.name(JsonLine.Name.of("a"));
          line.text(bytes, 3, bytes.length - 6);
        });
    assertThat(text).isEqualTo("{\"a\":\"größer\"}\n");
  }
}
