package dev.cloister.core;

/** A guarantee that a context required held at the seal and holds no more. */
public final class GuaranteeLost extends CloisterException {
  private static final long serialVersionUID = 1L;

  /**
   * Says which, and what was observed.
   *
   * @param message the guarantee's name and the new evidence
   */
  public GuaranteeLost(String message) {
    super(message);
  }
}
