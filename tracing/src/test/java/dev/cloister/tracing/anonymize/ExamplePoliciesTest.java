package dev.cloister.tracing.anonymize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Mode;
import dev.cloister.core.PolicyRejected;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.FieldType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policies that are shipped, and the page about them, say what the code does. */
final class ExamplePoliciesTest {
  private static final Path POLICIES = Path.of("..", "examples", "policies");

  private static AnonymizationPolicy policy(String name) throws IOException {
    return AnonymizationPolicy.load(POLICIES.resolve(name));
  }

  @Test
  void theDefaultPolicyIsTakenInEveryMode() throws IOException {
    for (var mode : Mode.values()) {
      var compiled = policy("http.yaml").compile(List.of(Http.schema()), mode);
      assertThat(compiled.isWanted(Http.schema(), "request.url")).isTrue();
      assertThat(compiled.isWanted(Http.schema(), "request.cookie")).isFalse();
    }
  }

  @Test
  void keepingEverythingIsTakenInLabModeAlone() throws IOException {
    var policy = policy("keep-all.yaml");
    var compiled = policy.compile(List.of(Http.schema()), Mode.LAB);
    assertThat(Http.schema().fields())
        .allMatch(field -> compiled.isWanted(Http.schema(), field.path()));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy.compile(List.of(Http.schema()), Mode.SEALED))
        .withMessageStartingWith("keep-all.yaml:3 mode: ");
  }

  @Test
  void thePageListsEveryFieldAndWhatItsTypeTakes() throws IOException {
    var page = Files.readAllLines(POLICIES.resolve("fields.md"));
    for (var field : Http.schema().fields()) {
      assertThat(page)
          .contains(
              "| `%s` | %s | %s |"
                  .formatted(field.fullPath(), field.type().label(), field.meaning()));
    }
    for (var type : FieldType.values()) {
      var transforms = AnonymizationPolicy.transformsOf(type).split(", (?!…)", -1);
      assertThat(page)
          .contains("| %s | `%s` |".formatted(type.label(), String.join("`, `", transforms)));
    }
  }

  @Test
  void aPolicyIsNamedByTheDigestOfItsBytes() throws IOException {
    assertThat(policy("http.yaml").digest())
        .matches("[0-9a-f]{64}")
        .isEqualTo(policy("http.yaml").digest())
        .isNotEqualTo(policy("keep-all.yaml").digest());
  }
}
