package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/** What an attacking function said of its attempt, in its one or two messages. */
record Verdict(Word word, String text) {

  /** How it went. */
  enum Word {
    /** The attack never began: the fault is the suite's. */
    UNBEGUN,
    /** It began, and nothing more was heard. */
    SILENT,
    /** A system call did what no guest's may. */
    ESCAPED,
    /** It brought something along; whether that is a secret, the world knows. */
    LOOT,
    /** It did what the world may have noticed. */
    NOTHING,
    /** It got an error, which is the text. */
    REFUSED,
    /** This host has nothing of the kind. */
    ABSENT,
    /** The attack itself is wrong. */
    FAULT
  }

  static Verdict of(List<byte[]> messages) {
    return switch (messages.size()) {
      case 0 -> new Verdict(Word.UNBEGUN, "");
      case 1 -> new Verdict(Word.SILENT, "");
      default -> of(new String(messages.get(1), ISO_8859_1));
    };
  }

  private static Verdict of(String message) {
    var space = message.indexOf(' ');
    var word = Word.valueOf(message.substring(0, space).toUpperCase(java.util.Locale.ROOT));
    return new Verdict(word, message.substring(space + 1));
  }

  @Override
  public String toString() {
    var shown = text.codePoints().map(c -> c < ' ' || c > '~' ? '.' : c);
    return word
        + " "
        + shown
            .limit(200)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
  }
}
