package dev.cloister.core.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a document, and where exactly it is said to be none. */
final class DocumentTest {
  @TempDir private Path directory;

  private static void rejects(String name, String text, String message) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.parse(name, text))
        .withMessage(message);
  }

  private static void rejectsAt(String name, String text, String location, String... words) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.parse(name, text))
        .satisfies(rejected -> {
          assertThat(rejected.location()).isEqualTo(location);
          assertThat(rejected).message().doesNotContain("\n");
          for (var word : words) {
            assertThat(rejected).hasMessageContaining(word);
          }
        });
  }

  @Test
  void yamlAndJsonOfTheSameContentReadTheSame() {
    var yaml =
        Document.parse(
            "a.yaml",
            """
            # a comment
            version: 1
            fields:
              http.request.method: keep
              hash: {bytes: 16}
            list: [x, 2, true]
            """);
    var json =
        Document.parse(
            "a.json",
            """
            {"version": 1, "fields": {"http.request.method": "keep", "hash": {"bytes": 16}},
             "list": ["x", 2, true]}
            """);
    for (var document : new Document[] {yaml, json}) {
      var root = document.root();
      assertThat(root.members()).containsOnlyKeys("version", "fields", "list");
      assertThat(root.required("version").integer(1, 1)).isEqualTo(1);
      assertThat(root.required("fields").required("http.request.method").text()).isEqualTo("keep");
      assertThat(root.required("fields").required("hash").required("bytes").integer(1, 64))
          .isEqualTo(16);
      assertThat(root.required("list").items())
          .extracting(Node::kind)
          .containsExactly(Node.Kind.TEXT, Node.Kind.NUMBER, Node.Kind.TRUTH);
    }
  }

  @Test
  void membersStandInTheOrderOfTheDocument() {
    assertThat(Document.parse("a.yaml", "z: 1\na: 2\nm: 3\n").root().members().keySet())
        .containsExactly("z", "a", "m");
  }

  @Test
  void everyValueKnowsTheLineOfItsName() {
    var root =
        Document.parse(
                "dir.yaml",
                """
                one: 1
                two:
                  three: x

                  four:
                    - a
                    - five: y
                """)
            .root();
    assertThat(root.location()).isEqualTo("dir.yaml:1");
    assertThat(root.required("one").location()).isEqualTo("dir.yaml:1 one");
    assertThat(root.required("two").location()).isEqualTo("dir.yaml:2 two");
    var two = root.required("two");
    assertThat(two.required("three").location()).isEqualTo("dir.yaml:3 two.three");
    assertThat(two.required("four").location()).isEqualTo("dir.yaml:5 two.four");
    var items = two.required("four").items();
    assertThat(items.get(0).location()).isEqualTo("dir.yaml:6 two.four[0]");
    assertThat(items.get(1).required("five").location()).isEqualTo("dir.yaml:7 two.four[1].five");
  }

  @Test
  void everyValueOfJsonKnowsItsLineToo() {
    var root =
        Document.parse(
                "a.json",
                """
                {
                  "one": 1,
                  "two":
                    {"three": [
                      "x"
                    ]}
                }
                """)
            .root();
    assertThat(root.required("one").location()).isEqualTo("a.json:2 one");
    assertThat(root.required("two").location()).isEqualTo("a.json:3 two");
    var three = root.required("two").required("three");
    assertThat(three.location()).isEqualTo("a.json:4 two.three");
    assertThat(three.items().getFirst().location()).isEqualTo("a.json:5 two.three[0]");
  }

  @Test
  void aNameThatStandsTwiceIsRejectedWhereItStandsAgain() {
    rejectsAt("a.yaml", "one: 1\ntwo: 2\none: 3\n", "a.yaml:3", "uplicate", "one");
    rejectsAt("a.json", "{\"one\": 1,\n\"one\": 1}", "a.json:2", "uplicate", "one");
    rejectsAt("a.yaml", "x:\n  y: {z: 1, z: 2}\n", "a.yaml:2", "uplicate", "z");
  }

  @Test
  void anAliasIsRejectedWhereItStands() {
    rejects(
        "a.yaml", "one: &here [1]\ntwo: *here\n", "a.yaml:2 two: an alias: write the value out");
    rejects("a.yaml", "- &a x\n- y\n- *a\n", "a.yaml:3 [2]: an alias: write the value out");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.parse("a.yaml", "a: &x {b: 1}\nc:\n  <<: *x\n"))
        .withMessageStartingWith("a.yaml:3 c.<<: an alias");
  }

  @Test
  void aSecondDocumentIsRejectedWhereItBegins() {
    rejects(
        "a.yaml",
        "one: 1\n---\ntwo: 2\n",
        "a.yaml:3: a second document begins here: one is allowed");
    rejects("a.json", "{}\n{}", "a.json:2: a second document begins here: one is allowed");
    rejects("a.json", "1\n\n2", "a.json:3: a second document begins here: one is allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# nothing but this\n"})
  void nothingIsNoDocument(String text) {
    rejects("a.yaml", text, "a.yaml: empty: a document is needed");
  }

  @Test
  void aValueThatIsLeftOutIsRejected() {
    rejects("a.yaml", "one: 1\ntwo:\n", "a.yaml:2 two: empty: a value is needed");
    rejects("a.yaml", "one: null\n", "a.yaml:1 one: empty: a value is needed");
    rejects("a.yaml", "- x\n-\n", "a.yaml:2 [1]: empty: a value is needed");
    rejects("a.json", "{\"a\":\nnull}", "a.json:1 a: empty: a value is needed");
    rejects("a.json", "", "a.json: empty: a document is needed");
  }

  @Test
  void whatIsNestedTooDeepIsRejectedAtTheFirstValueThatIs() {
    assertThat(Document.parse("a.json", "[".repeat(31) + "1" + "]".repeat(31)).root().items())
        .hasSize(1);
    rejects(
        "a.json",
        "[".repeat(32) + "\n1" + "]".repeat(32),
        "a.json:2 " + "[0]".repeat(32) + ": nested deeper than 32");
    for (var name : new String[] {"a.json", "a.yaml"}) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> Document.parse(name, "[".repeat(500_000)))
          .withMessageEndingWith("nested deeper than 32");
    }
  }

  @Test
  void whatIsTooLargeIsRejected() throws IOException {
    var line = "# " + "x".repeat(61) + "\n";
    var largest = "a: 1\n" + line.repeat(((1 << 20) - 5) / 64);
    largest += "#".repeat((1 << 20) - largest.length());
    assertThat(Document.parse("a.yaml", largest).root().members()).containsKey("a");

    var tooLarge = largest + "#";
    var message = "a.yaml: larger than 1048576 bytes: cut it down";
    rejects("a.yaml", tooLarge, message);
    var file = Files.writeString(directory.resolve("a.yaml"), tooLarge);
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.read(file))
        .withMessage(message);
    rejects("a.yaml", "# " + "ä".repeat(1 << 19) + "\n", message);
  }

  @Test
  void bytesThatAreNoUtf8AreRejected() throws IOException {
    var latin = Files.write(directory.resolve("latin.yaml"), "a: ä\n".getBytes(ISO_8859_1));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.read(latin))
        .withMessage("latin.yaml: not UTF-8 text");
    var wide = Files.write(directory.resolve("wide.yaml"), "a: b\n".getBytes(UTF_16));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Document.read(wide))
        .withMessage("wide.yaml: not UTF-8 text");
  }

  @Test
  void brokenSyntaxIsRejectedOnItsLine() {
    rejectsAt("a.json", "{\"a\": 1,\n \"b\": }", "a.json:2");
    rejectsAt("a.json", "{\"a\": 1,\n \"b\": 2", "a.json:2");
    rejectsAt("a.json", "{\"a\": NaN}", "a.json:1");
    rejectsAt("a.json", "// no comment\n{}", "a.json:1");
    rejectsAt("a.json", "{'a': 1}", "a.json:1");
    rejectsAt("a.json", "[1,]", "a.json:1");
    rejects(
        "a.yaml",
        "a: 1\nb: [1, 2\n",
        "a.yaml:3: while parsing a flow sequence expected ',' or ']', but got <stream end>");
    rejects(
        "a.yaml",
        "a: 1\nb: 2\n- c\n",
        "a.yaml:3: while parsing a block mapping expected <block end>, but found '-'");
    rejectsAt("a.yaml", "a: 1\nb: 2\nc: d: e\n", "a.yaml:3", "mapping values are not allowed");
    rejectsAt("a.yaml", "a: 1\n\tb: 2\n", "a.yaml:2");
    rejectsAt("a.yaml", "a: \"x\n", "a.yaml:2");
  }

  @Test
  void whatAMessageShowsOfADocumentIsOneShortLine() {
    rejects("a.yaml", "\"a\\nb\\e[1m\": null\n", "a.yaml:1 a?b?[1m: empty: a value is needed");
    rejects(
        "a.json",
        "{\"" + "k".repeat(1000) + "\": null}",
        "a.json:1 " + "k".repeat(100) + "…: empty: a value is needed");
    var text = Document.parse("a.yaml", "a: \"1\\n2\"\n").root().required("a");
    assertThat(text.text()).isEqualTo("1\n2");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(text::truth)
        .withMessage("a.yaml:1 a: \"1?2\": allowed is true or false");
  }

  @Test
  void aValueOfAnotherTypeThanTheseIsRejected() {
    rejects("a.yaml", "a: 1\nb: !!binary aGVsbG8=\n", "a.yaml:2 b: not a value");
  }

  @Test
  void theNameDecidesWhatItIs() throws IOException {
    var json = Files.writeString(directory.resolve("A.JSON"), "a: 1\n");
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> Document.read(json));
    var yaml = Files.writeString(directory.resolve("policy"), "a: 1\n");
    assertThat(Document.read(yaml).root().required("a").integer(1, 1)).isEqualTo(1);
  }

  @Test
  void theDigestIsOfTheBytes() throws IOException {
    // printf 'a: 1\n' | sha256sum
    var expected = "37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae";
    var file = Files.writeString(directory.resolve("a.yaml"), "a: 1\n");
    assertThat(Document.read(file).digest()).isEqualTo(expected);
    assertThat(Document.parse("b.yaml", "a: 1\n").digest()).isEqualTo(expected);
    assertThat(Document.parse("b.yaml", "a:  1\n").digest()).isNotEqualTo(expected);
  }

  @Test
  void aFileThatIsNotThereIsNoRejection() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Document.read(directory.resolve("none.yaml")));
  }
}
