package dev.cloister.core;

/** Stored bytes are not what was stored: altered, truncated, swapped, or of another key. */
public final class CorruptStorage extends CloisterException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong, and where.
   *
   * @param message the place and the damage; never stored content
   */
  public CorruptStorage(String message) {
    super(message);
  }
}
