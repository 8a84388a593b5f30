package dev.cloister.tor.control;

import java.util.regex.Pattern;

/** The shape of what tor calls circuits and streams (control-spec, section 2.4). */
final class Identifiers {
  private static final Pattern SHAPE = Pattern.compile("[0-9A-Za-z]{1,16}");

  private Identifiers() {}

  static void check(String what, String text) {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "%s \"%s\": must be 1 to 16 letters and digits".formatted(what, text));
    }
  }
}
