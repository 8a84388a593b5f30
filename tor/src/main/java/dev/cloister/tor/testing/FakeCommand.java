package dev.cloister.tor.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A command as tor reads it: its verb, and words that spaces part but inside of quotes.
 *
 * @param verb its first word, as written
 * @param words the others
 */
record FakeCommand(String verb, List<Word> words) {
  private static final Pattern WORD =
      Pattern.compile(
          "(?:([A-Za-z0-9_]+)=)?(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^ \"=][^ \"]*)?)(?= |$) *");

  /**
   * One word.
   *
   * @param raw as written
   * @param name what stands before the first equals sign; the raw word when there is none
   * @param value what stands after it, unquoted
   */
  record Word(String raw, String name, Optional<String> value) {}

  /** Reads a line. */
  static FakeCommand parse(String line) throws FakeRefusal {
    var space = line.indexOf(' ');
    var verb = space < 0 ? line : line.substring(0, space);
    var rest = space < 0 ? "" : line.substring(space + 1).strip();
    var words = new ArrayList<Word>();
    var matcher = WORD.matcher(rest);
    for (var at = 0; at < rest.length(); at = matcher.end()) {
      if (!matcher.find(at) || matcher.start() != at || matcher.end() == at) {
        throw new FakeRefusal(
            512, "Bad arguments to " + upper(verb) + ": Cannot parse keyword argument(s)");
      }
      words.add(word(matcher.group().stripTrailing(), matcher.group(1), matcher.group(2)));
    }
    return new FakeCommand(verb, List.copyOf(words));
  }

  @SuppressWarnings("NullAway") // a group that did not take part
  private static Word word(String raw, String keyword, String quoted) {
    var value =
        quoted != null
            ? quoted.replaceAll("\\\\(.)", "$1")
            : keyword == null ? raw : raw.substring(keyword.length() + 1);
    return keyword == null
        ? new Word(raw, value, Optional.empty())
        : new Word(raw, keyword, Optional.of(value));
  }

  private static String upper(String verb) {
    return verb.toUpperCase(Locale.ROOT);
  }

  /** Returns the verb as tor compares it. */
  String upperVerb() {
    return upper(verb);
  }

  /** Refuses the command for the lack of words. */
  void atLeast(int count) throws FakeRefusal {
    if (words.size() < count) {
      throw new FakeRefusal(
          512, "Bad arguments to %s: Need at least %d argument(s)".formatted(upperVerb(), count));
    }
  }

  /** Returns a word, or refuses the command for the lack of it. */
  Word word(int index) throws FakeRefusal {
    atLeast(index + 1);
    return words.get(index);
  }

  /** Returns the words that are keywords with values, from an index on. */
  List<Word> options(int from, List<String> known) throws FakeRefusal {
    var options = new ArrayList<Word>();
    for (var word : words.subList(Math.min(from, words.size()), words.size())) {
      if (known.stream().noneMatch(word.name()::equalsIgnoreCase)) {
        throw new FakeRefusal(
            512,
            "Bad arguments to %s: Unrecognized keyword argument \"%s\""
                .formatted(upperVerb(), word.name()));
      }
      options.add(word);
    }
    return options;
  }
}
