package dev.cloister.tracing.capture;

import java.io.IOException;

/** A file is no capture at all, or one of a kind that is not read. */
public final class NotACapture extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says why.
   *
   * @param message the file, what was found in it, and what to do
   */
  public NotACapture(String message) {
    super(message);
  }
}
