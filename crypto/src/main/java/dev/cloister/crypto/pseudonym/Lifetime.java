package dev.cloister.crypto.pseudonym;

import dev.cloister.core.ContextDestroyed;

/** Whether a scheme may still be used. Its owner guards it. */
final class Lifetime {
  private final String scheme;
  private boolean ended;

  Lifetime(String scheme) {
    this.scheme = scheme;
  }

  void check() {
    if (ended) {
      throw new ContextDestroyed("a key of " + scheme);
    }
  }

  /** Ends it, and tells whether this call did. */
  boolean end() {
    var ends = !ended;
    ended = true;
    return ends;
  }

  @Override
  public String toString() {
    return scheme + (ended ? "[closed]" : "[open]");
  }
}
