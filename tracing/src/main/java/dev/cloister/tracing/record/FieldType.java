package dev.cloister.tracing.record;

import java.util.Locale;

/** What a field holds, which decides what a policy may make of it. */
public enum FieldType {
  /** An address of IPv4 or IPv6. */
  ADDRESS,
  /** A port. */
  PORT,
  /** A moment; it goes out in microseconds since 1970-01-01T00:00:00Z. */
  TIME,
  /** A count, a size, a code. */
  NUMBER,
  /** A word of a vocabulary that the parser closed: nothing of the traffic gets into it. */
  KEYWORD,
  /** Whatever the traffic says. */
  TEXT,
  /** A URL, as far as the traffic has one. */
  URL;

  /**
   * Returns the name that stands in documents.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isNumeric() {
    return this == PORT || this == TIME || this == NUMBER;
  }
}
