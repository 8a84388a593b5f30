package dev.cloister.sandbox.vaultfs;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads a glob, as {@link java.nio.file.FileSystem#getPathMatcher} describes it. */
final class Glob {
  private final String glob;
  private final StringBuilder regex = new StringBuilder();
  private int at;
  private boolean inGroup;

  private Glob(String glob) {
    this.glob = glob;
  }

  static Pattern compile(String glob) {
    var reader = new Glob(glob);
    while (reader.at < glob.length()) {
      reader.next();
    }
    if (reader.inGroup) {
      throw reader.wrong("Missing '}'");
    }
    return Pattern.compile(reader.regex.toString(), Pattern.DOTALL);
  }

  private PatternSyntaxException wrong(String how) {
    return new PatternSyntaxException(how, glob, Math.min(at, glob.length()) - 1);
  }

  private void next() {
    var c = glob.charAt(at);
    at++;
    switch (c) {
      case '\\' -> literal(escaped());
      case '*' -> stars();
      case '?' -> regex.append("[^/]");
      case '[' -> bracket();
      case '{' -> beginGroup();
      case '}' -> endGroup();
      case ',' -> regex.append(inGroup ? "|" : ",");
      default -> literal(c);
    }
  }

  private void literal(char c) {
    if ("\\.[]{}()<>*+-=!?^$|&".indexOf(c) >= 0) {
      regex.append('\\');
    }
    regex.append(c);
  }

  private char escaped() {
    if (at == glob.length()) {
      throw wrong("No character to escape");
    }
    at++;
    return glob.charAt(at - 1);
  }

  private void stars() {
    if (at < glob.length() && glob.charAt(at) == '*') {
      at++;
      regex.append(".*");
    } else {
      regex.append("[^/]*");
    }
  }

  private void beginGroup() {
    if (inGroup) {
      throw wrong("Cannot nest groups");
    }
    inGroup = true;
    regex.append("(?:");
  }

  private void endGroup() {
    regex.append(inGroup ? ")" : "\\}");
    inGroup = false;
  }

  /** Characters in brackets stand for themselves, but for a range, and a negation at the start. */
  private void bracket() {
    var end = glob.indexOf(']', at);
    if (end < 0) {
      throw wrong("Missing ']'");
    }
    regex.append("(?!/)[");
    if (glob.charAt(at) == '!') {
      regex.append('^');
      at++;
    }
    for (; at < end; at++) {
      var c = glob.charAt(at);
      if (c == '/') {
        throw wrong("Explicit 'name separator' in class");
      }
      var isRange =
          c == '-' && glob.charAt(at - 1) != '[' && glob.charAt(at - 1) != '!' && at + 1 < end;
      if (!isRange && "\\[^&-".indexOf(c) >= 0) {
        regex.append('\\');
      }
      regex.append(c);
    }
    regex.append(']');
    at = end + 1;
  }
}
