package dev.cloister.core.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes are a document or rejected, in one line that begins with the file's name. */
final class DocumentFuzzTest {
  private static final String[] PIECES = {
    "a",
    "b: ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "\"",
    "'",
    "#",
    "&x ",
    "*x",
    "!!",
    "!tag ",
    "!!binary ",
    "!!int ",
    "| \n",
    "> \n",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "%TAG ! x:\n",
    "0x1F",
    "1_000",
    "1e9999",
    "-0",
    ".inf",
    ".nan",
    "~",
    "null",
    "true",
    "<<: ",
    "\t",
    "\r",
    "\u0000",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\\u",
    "\\x41",
    "\ud83d\ude00",
    "é",
    "@",
    "`",
    "{\"a\":",
    "1}",
    "[1,2]",
    "\"a\":1,",
    "/*",
    "//",
    "0b1",
    "0o7",
    "12:30:45",
    "2001-01-01",
  };

  @TempDir private Path directory;

  private void survives(String name, byte[] bytes, int number) throws IOException {
    var file = Files.write(directory.resolve(name), bytes);
    try {
      assertThat(Document.read(file).root().location()).startsWith(name + ":");
    } catch (PolicyRejected rejected) {
      assertThat(rejected).as("input %d", number).message().startsWith(name).doesNotContain("\n");
    }
  }

  @Test
  void randomBytesAreADocumentOrRejected() throws IOException {
    var random = new Random(11);
    for (var i = 0; i < 1_000; i++) {
      var bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        for (var at = 0; at < bytes.length; at++) {
          bytes[at] &= 0x7f;
        }
      }
      survives(random.nextBoolean() ? "r.yaml" : "r.json", bytes, i);
    }
  }

  @Test
  void piecesOfYamlAndJsonAreADocumentOrRejected() throws IOException {
    var random = new Random(12);
    for (var i = 0; i < 3_000; i++) {
      var text = new StringBuilder();
      for (var pieces = random.nextInt(25); pieces > 0; pieces--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      survives(random.nextInt(3) > 0 ? "p.yaml" : "p.json", text.toString().getBytes(UTF_8), i);
    }
  }

  @Test
  void damagedPoliciesAreADocumentOrRejected() throws IOException {
    var policy =
        """
        version: 1
        fields:
          http.request.method: keep
          http.client: prefix-preserving
          http.request.url: {url: [host, path-depth]}
          http.server: {hash: 16}
        """
            .getBytes(UTF_8);
    var random = new Random(13);
    for (var i = 0; i < 1_000; i++) {
      var damaged = policy.clone();
      for (var n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(128);
      }
      survives("d.yaml", damaged, i);
    }
  }

  @Test
  void longNumbersNamesAndTextsAreADocumentOrRejected() throws IOException {
    var number = 0;
    for (var text :
        new String[] {
          "9".repeat(100_000),
          "a: " + "9".repeat(5_000),
          "a: 0x" + "F".repeat(5_000),
          "a: 1." + "0".repeat(5_000) + "e999999999",
          "k".repeat(200_000) + ": 1",
          "\"" + "t".repeat(900_000) + "\"",
          "- ".repeat(10_000),
          "? ".repeat(10_000),
          "{a: ".repeat(10_000),
          "&a ".repeat(1_000) + "x",
        }) {
      survives("l.yaml", text.getBytes(UTF_8), number);
      survives("l.json", text.getBytes(UTF_8), number++);
    }
  }
}
