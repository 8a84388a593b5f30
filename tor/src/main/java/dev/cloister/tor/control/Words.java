package dev.cloister.tor.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The words of one line, which spaces part but inside of quotes; those of the shape {@code
 * KEYWORD=value} apart from the others. Total: what is malformed reads as text.
 *
 * @param plain words without a keyword, in order
 * @param values by keyword, the last of each; unquoted
 */
record Words(List<String> plain, Map<String, String> values) {

  /** Reads a line of an event or an answer. */
  static Words of(String line) {
    var plain = new ArrayList<String>();
    var values = new LinkedHashMap<String, String>();
    for (var word : split(line)) {
      var equals = word.indexOf('=');
      if (equals > 0 && isKeyword(word.substring(0, equals))) {
        values.put(word.substring(0, equals), unquoted(word.substring(equals + 1)));
      } else {
        plain.add(unquoted(word));
      }
    }
    return new Words(List.copyOf(plain), Map.copyOf(values));
  }

  private static boolean isKeyword(String word) {
    return word.chars()
        .allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || isDigit(c));
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static List<String> split(String line) {
    var words = new ArrayList<String>();
    var start = 0;
    var quoted = false;
    for (var i = 0; i <= line.length(); i++) {
      var c = i < line.length() ? line.charAt(i) : ' ';
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (i >= line.length() || (c == ' ' && !quoted)) {
        if (i > start) {
          words.add(line.substring(start, Math.min(i, line.length())));
        }
        start = i + 1;
      }
    }
    if (start < line.length()) {
      words.add(line.substring(start));
    }
    return words;
  }

  /** Takes a quoted string's quotes and escapes away (control-spec, section 2.1.1). */
  static String unquoted(String word) {
    if (word.length() < 2 || word.charAt(0) != '"' || word.charAt(word.length() - 1) != '"') {
      return word;
    }
    var bytes = new ByteArrayOutputStream();
    for (var i = 1; i < word.length() - 1; i++) {
      var end = i + 1;
      if (word.charAt(i) == '\\') {
        end = octalEnd(word, i + 1);
      }
      if (end > i + 1) {
        bytes.write(Integer.parseInt(word.substring(i + 1, end), 8));
        i = end - 1;
      } else if (word.charAt(i) == '\\') {
        i++;
        bytes.writeBytes(escaped(word.charAt(i)).getBytes(UTF_8));
      } else {
        var character = word.codePointAt(i);
        bytes.writeBytes(Character.toString(character).getBytes(UTF_8));
        i += Character.charCount(character) - 1;
      }
    }
    return bytes.toString(UTF_8);
  }

  /**
   * Finds the end of up to three octal digits that make one byte; the start when there are none.
   */
  private static int octalEnd(String word, int start) {
    var most = Math.min(word.length() - 1, start + (word.charAt(start) <= '3' ? 3 : 2));
    var end = start;
    while (end < most && word.charAt(end) >= '0' && word.charAt(end) <= '7') {
      end++;
    }
    return end;
  }

  private static String escaped(char c) {
    return switch (c) {
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      default -> Character.toString(c);
    };
  }

  String plain(int index) throws ControlViolation {
    if (index >= plain.size()) {
      throw new ControlViolation("a line of %d words: needs %d".formatted(plain.size(), index + 1));
    }
    return plain.get(index);
  }

  Optional<String> value(String keyword) {
    return Optional.ofNullable(values.get(keyword));
  }

  long number(int index) throws ControlViolation {
    return number(plain(index));
  }

  long number(String keyword, long otherwise) throws ControlViolation {
    var value = values.get(keyword);
    return value == null ? otherwise : number(value);
  }

  private static long number(String text) throws ControlViolation {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new ControlViolation("a number that is none");
    }
  }

  /** Reads a word as one of an enumeration. */
  static <E extends Enum<E>> E oneOf(Class<E> type, String word) throws ControlViolation {
    try {
      return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new ControlViolation(
          "an unknown word for " + type.getSimpleName().toLowerCase(Locale.ROOT));
    }
  }
}
