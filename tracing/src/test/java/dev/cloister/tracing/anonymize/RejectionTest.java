package dev.cloister.tracing.anonymize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Mode;
import dev.cloister.core.PolicyRejected;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no policy, or does not fit: one error that names the place, the value and the remedy. */
final class RejectionTest {
  private static final String TRANSFORMS =
      "keep, drop, prefix-preserving, port-class, {hash: BYTES}, {truncate: BITS}, {bucket: SIZE},"
          + " {constant: VALUE}, {shift: random}, {url: [PART, …]}";

  private static void compile(String text, Mode mode) {
    AnonymizationPolicy.parse("p.yaml", text).compile(List.of(Probe.SCHEMA), mode);
  }

  private static void rejects(String text, String message) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> compile(text, Mode.SEALED))
        .withMessage(message);
  }

  private static void rejectsRule(String rule, String message) {
    rejects(
        "version: 1\nfields:\n  probe.other: keep\n  probe." + rule + "\n", "p.yaml:4 " + message);
  }

  // The document.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fields: {}                     | p.yaml:1: field \"version\" is missing",
        "version: 1                     | p.yaml:1: field \"fields\" is missing",
        "{version: 2, fields: {}}       | p.yaml:1 version: 2: allowed is a whole number from 1 to"
            + " 1",
        "{version: 1, fields: []}       | p.yaml:1 fields: a list: allowed is a mapping",
        "{version: 1, fields: keep}     | p.yaml:1 fields: \"keep\": allowed is a mapping",
        "[version, fields]              | p.yaml:1: a list: allowed is a mapping",
      })
  void whatIsNoPolicyIsRejected(String text, String message) {
    rejects(text, message);
  }

  @Test
  void anUnknownMemberIsRejectedOnItsLine() {
    rejects(
        "version: 1\nfeilds: {}\nfields: {}\n",
        "p.yaml:2 feilds: unknown field \"feilds\": allowed are fields, mode, version");
  }

  @Test
  void aFieldThatStandsTwiceIsRejectedWhereItDoes() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() ->
            compile("version: 1\nfields:\n  probe.text: keep\n  probe.text: drop\n", Mode.SEALED))
        .withMessageStartingWith("p.yaml:4")
        .withMessageContaining("probe.text");
  }

  @Test
  void aPolicyForLabsIsRejectedElsewhereWithItsPlaceAndTheRemedy() {
    var text = "version: 1\nmode: lab\nfields: {}\n";
    rejects(
        text,
        "p.yaml:2 mode: mode \"lab\": this policy is taken in lab mode alone: take another, or run"
            + " in lab mode");
    compile(text, Mode.LAB);
  }

  @Test
  void anotherModeIsRejected() {
    rejects(
        "version: 1\nmode: sealed\nfields: {}\n", "p.yaml:2 mode: mode \"sealed\": allowed is lab");
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path directory) {
    var missing = directory.resolve("missing.yaml");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> AnonymizationPolicy.load(missing))
        .withMessage(missing.toString());
  }

  // Fields.

  @Test
  void anUnknownFieldIsRejectedWithTheOneThatWasMeant() {
    rejectsRule(
        "texd: keep",
        "fields.probe.texd: unknown field \"probe.texd\": did you mean \"probe.text\"?");
    rejectsRule(
        "TEXT: keep",
        "fields.probe.TEXT: unknown field \"probe.TEXT\": did you mean \"probe.text\"?");
    rejectsRule(
        "nothingLikeAny: keep",
        "fields.probe.nothingLikeAny: unknown field \"probe.nothingLikeAny\":"
            + " fields.md lists every field");
  }

  @Test
  void anUnknownFieldOfAnyLengthIsRejectedInOneShortLine() {
    for (var path : List.of("a".repeat(500_000), "\\n".repeat(1000), "x\\n\\u0000y")) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> compile("version: 1\nfields: {\"" + path + "\": keep}\n", Mode.SEALED))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(500));
    }
  }

  // Transforms.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kept           | kept",
        "Keep           | Keep",
        "hash           | hash",
        "[keep]         | a list",
        "true           | true",
        "7              | 7",
        "{keep: yes}    | {keep: …}",
        "{hsah: 8}      | {hsah: …}",
      })
  void anUnknownTransformIsRejectedWithThoseThereAre(String written, String shown) {
    rejectsRule(
        "text: " + written,
        "fields.probe.text: unknown transform \"" + shown + "\": allowed are " + TRANSFORMS);
  }

  @Test
  void noTransformAndTwoAreRejected() {
    rejectsRule("url: {}", "fields.probe.url: 0 transforms: allowed is one");
    rejectsRule("url: {hash: 8, truncate: 8}", "fields.probe.url: 2 transforms: allowed is one");
    rejectsRule("url:", "fields.probe.url: empty: a value is needed");
  }

  @Test
  void anUnknownTransformOfAnyLengthIsRejectedInOneShortLine() {
    for (var word : List.of("\"" + "k".repeat(500_000) + "\"", "\"k\\nk\"", "{\"k\\nk\": 1}")) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> Probe.policy("text: " + word))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(500));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{hash: 3}        | .hash: 3: allowed is a whole number from 4 to 32",
        "{hash: 33}       | .hash: 33: allowed is a whole number from 4 to 32",
        "{hash: all}      | .hash: \"all\": allowed is a whole number from 4 to 32",
        "{hash: 8.0}      | .hash: 8.0: allowed is a whole number from 4 to 32",
        "{truncate: -1}   | .truncate: -1: allowed is a whole number from 0 to 128",
        "{truncate: 129}  | .truncate: 129: allowed is a whole number from 0 to 128",
        "{bucket: 0}      | .bucket: 0: allowed is a whole number from 1 to 9223372036854775807",
        "{shift: 60}      | .shift: shift \"60\": allowed is random",
        "{shift: [random]} | .shift: a list: allowed is a single value",
        "{constant: [1]}  | .constant: a list: allowed is a single value",
        "{url: host}      | .url: \"host\": allowed is a list",
        "{url: [1]}       | .url[0]: 1: allowed is text",
        "{url: []}        | .url: no part: name one at least, or drop the field",
        "{url: [host, path, host]} | .url[2]: part \"host\" stands twice: name it once",
      })
  void aWrongArgumentIsRejectedWithWhatIsAllowed(String written, String message) {
    rejectsRule("url: " + written, "fields.probe.url" + message);
  }

  @Test
  void anUnknownPartOfAUrlIsRejectedWithThoseThereAre() {
    rejectsRule(
        "url: {url: [host, pathdepth]}",
        "fields.probe.url.url[1]: unknown part of a URL \"pathdepth\": allowed are scheme, host,"
            + " host-hash, port, path, path-depth, path-hash, extension, query, query-names,"
            + " query-count, query-hash");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0x1F", "0o17", "+5", "1_000", ".5", "5.", ".inf", "-.inf", ".nan", "007"})
  void aConstantIsANumberOfJsonOrTextOrRejected(String written) {
    try (var probe = Probe.of("text: {constant: " + written + "}")) {
      assertThat(probe.made(Probe.TEXT, "x")).isEqualTo("\"" + written + "\"");
    } catch (PolicyRejected rejected) {
      assertThat(rejected)
          .hasMessage(
              "p.yaml:3 fields.probe.text.constant: number %s: write it as JSON has it, or in quotes"
                  .formatted(written));
    }
  }

  @Test
  void aConstantThatNoLineCanHoldIsRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() ->
            AnonymizationPolicy.parse(
                "p.json",
                "{\"version\":1,\"fields\":{\"probe.text\":{\"constant\":\"a\\ud800b\"}}}"))
        .withMessageStartingWith("p.json:1 fields.probe.text.constant: ")
        .withMessageEndingWith("half a surrogate pair: write whole characters");
  }

  @Test
  void aTransformTakesTheTypesThatFieldsMdSaysAndNoOther() {
    var numbers = EnumSet.of(FieldType.PORT, FieldType.TIME, FieldType.NUMBER);
    var all = EnumSet.allOf(FieldType.class);
    assertTakes("keep", all);
    assertTakes("drop", all);
    assertTakes("{constant: 1}", all);
    assertTakes("prefix-preserving", EnumSet.of(FieldType.ADDRESS));
    assertTakes("{truncate: 8}", EnumSet.of(FieldType.ADDRESS));
    assertTakes("port-class", EnumSet.of(FieldType.PORT));
    assertTakes("{hash: 8}", EnumSet.of(FieldType.ADDRESS, FieldType.TEXT, FieldType.URL));
    assertTakes("{bucket: 8}", numbers);
    assertTakes("{shift: random}", EnumSet.of(FieldType.TIME));
    assertTakes("{url: [host]}", EnumSet.of(FieldType.URL));
  }

  private static void assertTakes(String transform, Set<FieldType> types) {
    for (var field : Probe.SCHEMA.fields()) {
      var policy = Probe.policy(field.path() + ": " + transform);
      if (types.contains(field.type())) {
        policy.compile(List.of(Probe.SCHEMA), Mode.SEALED);
      } else {
        assertUnfit(policy, field);
      }
    }
  }

  private static void assertUnfit(AnonymizationPolicy policy, Field field) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy.compile(List.of(Probe.SCHEMA), Mode.SEALED))
        .withMessageStartingWith("p.yaml:3 fields." + field.fullPath() + ": transform \"")
        .withMessageEndingWith(
            "does not fit a field of type %s: allowed are %s"
                .formatted(field.type().label(), AnonymizationPolicy.transformsOf(field.type())));
  }
}
