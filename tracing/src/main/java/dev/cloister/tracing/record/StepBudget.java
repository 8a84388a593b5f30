package dev.cloister.tracing.record;

/**
 * Holds a parser to work in proportion to its input: so much for each byte, and a little to begin
 * with. A parser that counts its steps here cannot loop, whatever it is given. For one thread.
 */
public final class StepBudget {
  private static final long STEPS_AT_FIRST = 1024;
  private static final long STEPS_PER_BYTE = 8;

  private long left = STEPS_AT_FIRST;

  /** Makes a budget for one connection. */
  public StepBudget() {}

  /** Says that a parser took more steps than its input allows. */
  public static final class Exceeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Exceeded() {
      super("more steps than the input allows");
    }
  }

  /**
   * Adds what input allows.
   *
   * @param bytes how much there is to read now
   */
  public void allow(int bytes) {
    left = Math.min(Long.MAX_VALUE / 2, left + STEPS_PER_BYTE * bytes);
  }

  /**
   * Takes a step.
   *
   * @throws Exceeded when there is none left
   */
  public void take() {
    if (--left < 0) {
      throw new Exceeded();
    }
  }
}
