package dev.cloister.core;

/**
 * Something failed inside a sealed context. Carries where, what kind, and a number; never content,
 * and so no message and no cause of the original. A context in lab mode keeps the original as the
 * cause.
 */
public final class SealedFailure extends CloisterException {
  private static final long serialVersionUID = 1L;

  private SealedFailure(String message, Throwable cause) {
    super(message, cause);
  }

  private SealedFailure(String message) {
    super(message);
  }

  /**
   * Makes what may cross the boundary of an exception that may not.
   *
   * @param mode how the context runs
   * @param where a word of the library's own, such as {@code release}
   * @param number how far the work had come, such as the number of the record
   * @param original what was thrown
   * @return an exception without content in a sealed context, with the original in a lab
   */
  public static SealedFailure of(Mode mode, String where, long number, Throwable original) {
    var message = where + " failed at " + number + ": " + original.getClass().getName();
    return mode == Mode.LAB ? new SealedFailure(message, original) : new SealedFailure(message);
  }
}
