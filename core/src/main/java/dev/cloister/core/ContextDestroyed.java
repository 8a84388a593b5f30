package dev.cloister.core;

/** A context, or a key of one, was used after its end. What it held is gone for good. */
public final class ContextDestroyed extends CloisterException {
  private static final long serialVersionUID = 1L;

  /**
   * Names what is gone.
   *
   * @param what such as {@code context "campus-http"} or {@code a 32-byte key}
   */
  public ContextDestroyed(String what) {
    super(what + " was destroyed and cannot be used again: seal a new context");
  }
}
