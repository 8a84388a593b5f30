package dev.cloister.tracing.flow;

import org.jspecify.annotations.Nullable;

/**
 * One connection, as its listener sees it. It is the reassembler's own; only the attachment is not.
 */
public interface Flow {

  /**
   * Returns the connection's number.
   *
   * @return from 0, in the order of the first packets
   */
  long number();

  /**
   * Returns how long an address is.
   *
   * @return 4 or 16 bytes
   */
  int addressBytes();

  /**
   * Writes the address of the side that sends in a direction.
   *
   * @param direction which side
   * @param out takes {@link #addressBytes()} bytes
   * @param offset where in {@code out}
   */
  void sourceAddress(Direction direction, byte[] out, int offset);

  /**
   * Returns the port of the side that sends in a direction.
   *
   * @param direction which side
   * @return 0 to 65535
   */
  int sourcePort(Direction direction);

  /**
   * Tells whether the connection's beginning was captured.
   *
   * @return whether a SYN was seen from either side
   */
  boolean isFromTheBeginning();

  /**
   * Returns what the listener attached.
   *
   * @return null before it attached something
   */
  @Nullable Object attachment();

  /**
   * Attaches the listener's own state.
   *
   * @param state what to keep with this connection, or null
   */
  void attach(@Nullable Object state);
}
