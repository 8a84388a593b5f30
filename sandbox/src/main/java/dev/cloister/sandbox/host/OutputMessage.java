package dev.cloister.sandbox.host;

/** One message of a function, with its place among all that it sent. Immutable. */
public final class OutputMessage {
  private final long number;
  private final byte[] bytes;

  OutputMessage(long number, byte[] bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  /**
   * Returns its place.
   *
   * @return from 0, without gaps
   */
  public long number() {
    return number;
  }

  /**
   * Returns what it says.
   *
   * @return a copy
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  int sizeBytes() {
    return bytes.length;
  }
}
