package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Document;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in the directory of policies is what the programs know and ship. */
final class FieldsTest {
  private static final Path POLICIES = Path.of("policies");
  private static final Schema HTTP = Http.schema();

  @Test
  void thePageOfFieldsIsWhatTheSchemasSay() throws IOException {
    var run = Run.of(new Fields());
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .as("mvn -q -Drun=Fields > examples/policies/fields.md")
        .isEqualTo(Files.readString(POLICIES.resolve("fields.md")));
  }

  @Test
  void thePageHasARowForEachField() {
    var page = Run.of(new Fields()).out();
    for (var field : HTTP.fields()) {
      assertThat(page)
          .contains(
              "| `%s` | %s | %s |"
                  .formatted(field.fullPath(), field.type().label(), field.meaning()));
      assertThat(page)
          .contains("\n| " + field.type().label() + " | `")
          .contains(AnonymizationPolicy.transformsOf(field.type()).split(", ", 2)[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http.yaml", "keep-all.yaml"})
  void aPolicyIsShippedAsItLiesThere(String name) throws IOException {
    try (var shipped = Shipped.class.getResourceAsStream("policies/" + name)) {
      assertThat(shipped).isNotNull();
      assertThat(new String(shipped.readAllBytes(), UTF_8))
          .isEqualTo(Files.readString(POLICIES.resolve(name)));
    }
  }

  @Test
  void whatIsTakenUnlessToldOtherwiseIsTheHttpPolicy() throws IOException {
    assertThat(Shipped.policy().digest())
        .isEqualTo(AnonymizationPolicy.load(POLICIES.resolve("http.yaml")).digest());
  }

  @Test
  void keepAllKeepsEveryFieldThereIs() throws IOException {
    var fields =
        Document.read(POLICIES.resolve("keep-all.yaml")).root().required("fields").members();
    assertThat(fields.keySet())
        .containsExactlyInAnyOrderElementsOf(HTTP.fields().stream().map(Field::fullPath).toList());
    assertThat(fields.values()).allMatch(transform -> transform.text().equals("keep"));
  }
}
