package dev.cloister.tor.mediation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A function's line, read whole: a verb, then words that single spaces part. What is not of this
 * shape is refused, so that nobody after this can read it otherwise.
 *
 * @param verb which is one that can be granted
 * @param words those after the verb, as they were written
 */
record CommandLine(Verb verb, List<String> words) {
  private static final int LENGTH_MAX = 4096;
  private static final Pattern LINE = Pattern.compile("[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*");

  static CommandLine parse(String line) {
    if (line.length() > LENGTH_MAX || !LINE.matcher(line).matches()) {
      throw Rule.LINE.denied(
          ("a line of %d characters: allowed are %d of printable ASCII, with single spaces, without"
                  + " quotes and backslashes")
              .formatted(line.length(), LENGTH_MAX));
    }
    var words = Arrays.asList(line.split(" ", -1));
    return new CommandLine(verb(words.getFirst()), words.subList(1, words.size()));
  }

  private static Verb verb(String word) {
    var upper = word.toUpperCase(Locale.ROOT);
    return Arrays.stream(Verb.values())
        .filter(verb -> verb.name().equals(upper))
        .findFirst()
        .orElseThrow(() -> Rule.VERB.denied("a verb that no function is granted"));
  }

  /** Returns a word that must be there. */
  String word(int index) {
    if (index >= words.size()) {
      throw Rule.WORDS.denied("%s with %d words: too few".formatted(verb, words.size()));
    }
    return words.get(index);
  }

  /** Refuses words beyond those that the verb takes. */
  void atMost(int count) {
    if (words.size() > count) {
      throw Rule.WORDS.denied(
          "%s with %d words: allowed are %d".formatted(verb, words.size(), count));
    }
  }

  /** A keyword in upper case, and what stands after its sign of equality. */
  record Option(String keyword, String value) {

    int number() {
      if (!value.matches("[0-9]{1,5}")) {
        throw Rule.WORDS.denied(keyword + ": must be a number of up to five digits");
      }
      return Integer.parseInt(value);
    }

    List<String> items() {
      return Arrays.asList(value.split(",", -1));
    }
  }

  /** Reads the words from one on as options, and none other. */
  List<Option> options(int from) {
    var options = new ArrayList<Option>();
    for (var word : words.subList(Math.min(from, words.size()), words.size())) {
      options.add(
          option(word)
              .orElseThrow(() -> Rule.WORDS.denied(verb + ": a word that is no KEYWORD=value")));
    }
    return options;
  }

  private static Optional<Option> option(String word) {
    var equals = word.indexOf('=');
    return equals < 1
        ? Optional.empty()
        : Optional.of(
            new Option(
                word.substring(0, equals).toUpperCase(Locale.ROOT), word.substring(equals + 1)));
  }
}
