package dev.cloister.tracing.flow;

/** One half of a connection. */
public enum Direction {
  /** From the side that opened the connection, as far as that is known. */
  CLIENT_TO_SERVER,
  /** From the other side. */
  SERVER_TO_CLIENT;

  /**
   * Returns the other half.
   *
   * @return the other direction
   */
  public Direction opposite() {
    return this == CLIENT_TO_SERVER ? SERVER_TO_CLIENT : CLIENT_TO_SERVER;
  }
}
