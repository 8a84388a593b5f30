package dev.cloister.tor.control;

/**
 * What tor calls a stream. It is unique as long as the stream lives.
 *
 * @param text 1 to 16 letters and digits
 */
public record StreamId(String text) {

  /** Checks the shape. */
  public StreamId {
    Identifiers.check("stream", text);
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
