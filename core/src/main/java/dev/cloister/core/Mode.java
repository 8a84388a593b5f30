package dev.cloister.core;

import java.util.Locale;

/** How a context runs. */
public enum Mode {
  /**
   * For real input: what is required is enforced, and what fails inside says nothing of content.
   */
  SEALED,

  /**
   * For development, never for real traffic: everything can be inspected, fakes are taken, a live
   * link is refused, and every output is marked.
   */
  LAB;

  /**
   * Returns the word that stands in outputs.
   *
   * @return {@code sealed} or {@code lab}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
