package dev.cloister.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What was declared, as text in one fixed form, a line a fact: {@code path: value}. Two plans that
 * declare the same give the same bytes; backslash and line breaks in a value are escaped, so no
 * value can pass for another line. Not safe for use by many threads.
 */
public final class Description {
  private final StringBuilder text;
  private final String prefix;

  /** Starts an empty one. */
  public Description() {
    this(new StringBuilder(), "");
  }

  private Description(StringBuilder text, String prefix) {
    this.text = text;
    this.prefix = prefix;
  }

  /**
   * Adds a fact.
   *
   * @param key letters, digits, dots and dashes
   * @param value its value; {@code toString} gives what is written
   * @return this
   */
  public Description put(String key, Object value) {
    var escaped = value.toString().replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    text.append(prefix).append(checked(key)).append(": ").append(escaped).append('\n');
    return this;
  }

  /**
   * Opens a section: what is put there has the key before its own.
   *
   * @param key letters, digits, dots and dashes
   * @return a view that writes into this description
   */
  public Description section(String key) {
    return new Description(text, prefix + checked(key) + ".");
  }

  private static String checked(String key) {
    if (!key.matches("[A-Za-z0-9.-]+")) {
      throw new IllegalArgumentException(
          "key \"" + key + "\": only letters, digits, dots and dashes are allowed");
    }
    return key;
  }

  /**
   * Returns all that was put so far, also by other sections.
   *
   * @return lines, each with its line feed
   */
  public String text() {
    return text.toString();
  }

  /**
   * Returns the SHA-256 of {@link #text()} in UTF-8.
   *
   * @return 64 lower-case hex digits
   */
  public String digest() {
    return sha256Hex(text().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Hashes bytes the way this library names documents.
   *
   * @param bytes what to hash
   * @return SHA-256, 64 lower-case hex digits
   */
  public static String sha256Hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
