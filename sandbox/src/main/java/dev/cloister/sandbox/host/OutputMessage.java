package dev.cloister.sandbox.host;

/** One message of a function, with its place among all that it sent. Immutable. */
public final class OutputMessage {
  private final long number;
  private final long answers;
  private final byte[] bytes;

  /**
   * Makes a message.
   *
   * @param answers the number of the message that the function had received last, -1 before any
   */
  OutputMessage(long number, long answers, byte[] bytes) {
    this.number = number;
    this.answers = answers;
    this.bytes = bytes;
  }

  /**
   * Takes a message that came from another host.
   *
   * @param number its place there, from 0
   * @param bytes what it says; not copied
   * @return the message
   */
  public static OutputMessage received(long number, byte[] bytes) {
    return new OutputMessage(number, -1, bytes);
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

  long answers() {
    return answers;
  }

  /**
   * Tells its length.
   *
   * @return in bytes
   */
  public int sizeBytes() {
    return bytes.length;
  }
}
