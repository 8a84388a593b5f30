package dev.cloister.core.context;

import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import java.nio.charset.StandardCharsets;

/**
 * What a context is, in words: what its plan declared, and once at most, what was loaded into it.
 * Safe for use by many threads.
 */
final class Measurement {
  private final String declared;
  private String loaded = "";

  Measurement(Description declared) {
    this.declared = declared.text();
  }

  /** Adds what was loaded, each line under {@code loaded.}, so that it passes for no other. */
  synchronized void extend(Description what) {
    if (!loaded.isEmpty()) {
      throw new Denied("loaded once", "this context was loaded already: seal another");
    }
    loaded = what.text().replaceAll("(?m)^(?=.)", "loaded.");
    if (loaded.isEmpty()) {
      throw new IllegalArgumentException("nothing is said of what is loaded");
    }
  }

  synchronized String text() {
    return declared + loaded;
  }

  String digest() {
    return Description.sha256Hex(text().getBytes(StandardCharsets.UTF_8));
  }
}
