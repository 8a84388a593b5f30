package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.random.RandomGenerator;

/** Something that must not be found outside: planted in traffic, then looked for in files. */
final class Canary {
  private static final int TOKEN_LETTERS = 20;

  private final String kind;
  private final byte[] bytes;
  private final boolean isText;

  private Canary(String kind, byte[] bytes, boolean isText) {
    this.kind = kind;
    this.bytes = bytes.clone();
    this.isText = isText;
  }

  /** A canary that could also be written in the ways of text. */
  static Canary text(String kind, String text) {
    return new Canary(kind, text.getBytes(UTF_8), true);
  }

  static Canary binary(String kind, byte[] bytes) {
    return new Canary(kind, bytes, false);
  }

  /** Returns what of the traffic it is. */
  String kind() {
    return kind;
  }

  /** Returns it as it stands on the wire. */
  byte[] bytes() {
    return bytes.clone();
  }

  boolean isText() {
    return isText;
  }

  String asText() {
    return new String(bytes, UTF_8);
  }

  /** Returns a word that stands nowhere else. */
  static String token(RandomGenerator random) {
    return random
        .ints(TOKEN_LETTERS, 'a', 'z' + 1)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
