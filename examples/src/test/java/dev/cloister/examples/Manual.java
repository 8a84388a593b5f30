package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands between the fences of a document, and in its tables. */
record Manual(String text) {
  /** How an appliance is made; tests run in their module's directory. */
  static Manual ofAppliances() throws IOException {
    return new Manual(Files.readString(Path.of("..", ".github", "appliance.md")));
  }

  /** Returns the blocks of a language, in their order. */
  List<String> blocks(String language) {
    var fenced =
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    return fenced.matcher(text).results().map(block -> block.group(1)).toList();
  }

  /** Returns the one command whose program has a name. */
  List<String> command(String program) {
    var found =
        blocks("sh").stream()
            .map(Manual::words)
            .filter(words -> words.getFirst().endsWith(program))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  /** Takes a command apart that goes on after a backslash at the end of a line. */
  static List<String> words(String command) {
    return Stream.of(command.replace("\\\n", " ").strip().split("\\s+", -1)).toList();
  }

  /** Returns what a line of the unit sets. */
  String setting(String name) {
    var lines =
        blocks("ini")
            .getFirst()
            .replace("\\\n", " ")
            .lines()
            .filter(line -> line.startsWith(name + "="))
            .toList();
    assertThat(lines).as(name).hasSize(1);
    return lines.getFirst().substring(name.length() + 1);
  }

  /** Returns the commands that tell how the kernel is set. */
  List<String> checks() {
    var row = Pattern.compile("^\\|.*\\| `(cat [^`]+)`[^|]*", Pattern.MULTILINE);
    return row.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
