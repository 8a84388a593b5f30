package dev.cloister.tracing.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be declared, so that every record of it is an object with each name once. */
final class SchemaTest {
  private static Schema.Builder builder(String... paths) {
    var builder = Schema.named("probe");
    for (var path : paths) {
      builder.field(path, FieldType.TEXT, "a text");
    }
    return builder;
  }

  @Test
  void fieldsStandInTheOrderOfTheirDeclaration() {
    var schema = builder("first", "group.b", "group.a", "last").build();
    assertThat(schema.fields())
        .extracting(Field::path)
        .containsExactly("first", "group.b", "group.a", "last");
    assertThat(schema.fields()).extracting(Field::index).containsExactly(0, 1, 2, 3);
    assertThat(schema.fields().get(1).fullPath()).isEqualTo("probe.group.b");
    assertThat(schema.field("group.a")).contains(schema.fields().get(2));
    assertThat(schema.field("probe.group.a")).isEmpty();
    assertThat(schema).hasToString("Schema[probe, 4 fields]");
    assertThat(schema.fields().getFirst()).hasToString("probe.first");
  }

  @Test
  void aFieldStandsOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder("group.a", "group.a"))
        .withMessage("field \"group.a\" stands twice");
  }

  @Test
  void fieldsOfOneObjectStandTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder("group.a", "other", "group.b").build())
        .withMessage("field \"group.b\" must stand beside the others of \"group\"");
    builder("a", "group.a", "b", "other.a", "c").build();
  }

  @ParameterizedTest
  @CsvSource({"group, group.a", "group.a, group"})
  void aFieldIsNotAnObjectAsWell(String first, String second) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(first, second).build())
        .withMessage("field \"group\" is an object too: name one of them otherwise");
  }

  @ParameterizedTest
  @ValueSource(strings = {"record", "flow", "record.a", "flow.a"})
  void whatEveryRecordHasIsNoFieldOfASchema(String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(path))
        .withMessage("field \"" + path + "\": every record has \"record\" and \"flow\" already");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a.", ".a", "a.b.c", "a b", "a\"", "ä", "1a", "a.B", "a\n"})
  void aPathIsAWordOrTwo(String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(path))
        .withMessage("field \"" + path + "\": allowed are a word, or two with a dot");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Http", "h2", "a.b", "a b", "a\n"})
  void aNameIsLowerCaseLetters(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schema.named(name))
        .withMessage("schema \"" + name + "\": only a-z are allowed");
  }

  @Test
  void theHeaderIsNoKindOfRecord() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schema.named("header"))
        .withMessage("schema \"header\": the first line of a trace has that name");
  }

  @Test
  void itsDescriptionNamesEachFieldWithItsType() {
    var description = new Description();
    builder("a", "group.b").build().describe(description);
    assertThat(description.text()).contains("a", "group.b", "text");
  }
}
