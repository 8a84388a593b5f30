package dev.cloister.tor.control;

/**
 * What tor calls a circuit. It is unique as long as the circuit lives.
 *
 * @param text 1 to 16 letters and digits
 */
public record CircuitId(String text) {
  /** No circuit: in an event of a stream that is not attached. */
  public static final CircuitId NONE = new CircuitId("0");

  /** Checks the shape. */
  public CircuitId {
    Identifiers.check("circuit", text);
  }

  /**
   * Returns the text.
   *
   * @return as tor writes it
   */
  @Override
  public String toString() {
    return text;
  }
}
