package dev.cloister.tracing.capture;

import java.io.IOException;

/** Says that an interface cannot be captured from, and what to do. */
public final class NotALink extends IOException {
  private static final long serialVersionUID = 1L;

  NotALink(String message) {
    super(message);
  }

  NotALink(String message, Throwable cause) {
    super(message, cause);
  }
}
