package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Asking a value for what it is not. */
final class NodeTest {
  private static final Node ROOT =
      Document.parse(
              "p.yaml",
              """
              text: keep
              number: 42
              truth: true
              list: [a, b]
              mapping:
                a: 1
              quoted: "42"
              """)
          .root();

  private static void rejects(String message, Function<Node, Object> question) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> question.apply(ROOT))
        .withMessage(message);
  }

  @Test
  void anUnknownNameIsRejectedOnItsLineWithTheNamesThatAreKnown() {
    rejects(
        "p.yaml:5 mapping: unknown field \"mapping\":"
            + " allowed are list, number, quoted, text, truth",
        root -> root.only(Set.of("text", "number", "truth", "list", "quoted")));
    assertThat(ROOT.only(Set.of("text", "number", "truth", "list", "quoted", "mapping", "more")))
        .isSameAs(ROOT);
  }

  @Test
  void aMissingNameIsRejectedWhereItShouldStand() {
    rejects("p.yaml:1: field \"version\" is missing", root -> root.required("version"));
    rejects(
        "p.yaml:5 mapping: field \"b\" is missing", root -> root.required("mapping").required("b"));
    assertThat(ROOT.optional("version")).isEmpty();
    assertThat(ROOT.optional("text")).isPresent();
  }

  @Test
  void textIsText() {
    assertThat(ROOT.required("text").text()).isEqualTo("keep");
    assertThat(ROOT.required("quoted").text()).isEqualTo("42");
    rejects("p.yaml:2 number: 42: allowed is text", root -> root.required("number").text());
    rejects("p.yaml:3 truth: true: allowed is text", root -> root.required("truth").text());
    rejects("p.yaml:4 list: a list: allowed is text", root -> root.required("list").text());
    rejects("p.yaml:5 mapping: a mapping: allowed is text", r -> r.required("mapping").text());
  }

  @Test
  void aNumberIsAWholeNumberInItsRange() {
    assertThat(ROOT.required("number").integer(42, 42)).isEqualTo(42);
    rejects(
        "p.yaml:2 number: 42: allowed is a whole number from 43 to 100",
        root -> root.required("number").integer(43, 100));
    rejects(
        "p.yaml:2 number: 42: allowed is a whole number from 0 to 41",
        root -> root.required("number").integer(0, 41));
    rejects(
        "p.yaml:7 quoted: \"42\": allowed is a whole number from 0 to 100",
        root -> root.required("quoted").integer(0, 100));
    rejects(
        "p.yaml:4 list: a list: allowed is a whole number from 0 to 100",
        root -> root.required("list").integer(0, 100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.5", "1e3", "99999999999999999999", "-1", "101", "0x10", "1_000", "yes", "''"})
  void whatIsNoWholeNumberInTheRangeIsRejected(String written) {
    var node = Document.parse("p.yaml", "n: " + written + "\n").root().required("n");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> node.integer(0, 100))
        .withMessageStartingWith("p.yaml:1 n: ")
        .withMessageEndingWith(": allowed is a whole number from 0 to 100");
  }

  @Test
  void truthIsTrueOrFalse() {
    assertThat(ROOT.required("truth").truth()).isTrue();
    assertThat(Document.parse("p.yaml", "t: false\n").root().required("t").truth()).isFalse();
    rejects(
        "p.yaml:1 text: \"keep\": allowed is true or false", root -> root.required("text").truth());
  }

  @ParameterizedTest
  @CsvSource({"yes", "no", "on", "off", "y", "n"})
  void wordsOfOlderYamlAreText(String word) {
    // YAML 1.2 has true and false alone, so a country code or a switch stays what is written.
    var node = Document.parse("p.yaml", "t: " + word + "\n").root().required("t");
    assertThat(node.kind()).isEqualTo(Node.Kind.TEXT);
    assertThat(node.text()).isEqualTo(word);
  }

  @Test
  void listsAndMappingsAreNotEachOther() {
    assertThat(ROOT.required("list").items()).extracting(Node::text).containsExactly("a", "b");
    rejects(
        "p.yaml:5 mapping: a mapping: allowed is a list", root -> root.required("mapping").items());
    rejects("p.yaml:4 list: a list: allowed is a mapping", root -> root.required("list").members());
    rejects(
        "p.yaml:1 text: \"keep\": allowed is a mapping",
        root -> root.required("text").only(Set.of()));
  }

  @Test
  void aSingleValueIsReadAsItIsWritten() {
    assertThat(ROOT.required("number").scalar()).isEqualTo("42");
    assertThat(ROOT.required("truth").scalar()).isEqualTo("true");
    assertThat(ROOT.required("text").scalar()).isEqualTo("keep");
    rejects(
        "p.yaml:4 list: a list: allowed is a single value", root -> root.required("list").scalar());
  }

  @Test
  void aReaderRejectsWithThePlace() {
    assertThat(ROOT.required("text").rejected("\"keep\": not here"))
        .hasMessage("p.yaml:1 text: \"keep\": not here");
    assertThat(ROOT.required("text")).hasToString("p.yaml:1 text \"keep\"");
  }
}
