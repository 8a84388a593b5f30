package dev.cloister.sandbox.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;

/**
 * Bytes between a client and a node, in order, where no wait is without a bound. Who the other side
 * is, it does not say. One thread may read while another writes; {@link #close} is for any thread
 * and ends the waits of both, as an interrupt of either does.
 */
public interface CellChannel extends ByteChannel {
  /**
   * Of how many bytes multiples are best written at once: 15,898. With the 38 that the JDK adds to
   * a record of TLS 1.3 they fill 32 of the cells that carry it over Tor, 498 bytes each and as
   * many as tor reads at once; so how many cells a long message takes follows from its length, and
   * not from when tor came to read it.
   */
  int BYTES_AT_BEST = 32 * 498 - 38;

  /**
   * Reads what there is, and waits for the first byte.
   *
   * @param into where to; with no room, nothing is read
   * @return how many bytes, or -1 when the other side sends no more
   * @throws java.net.SocketTimeoutException when none came in time; the channel stays usable
   * @throws java.nio.channels.ClosedChannelException when it is closed, or was while this waited
   * @throws IOException when the connection broke
   */
  @Override
  int read(ByteBuffer into) throws IOException;

  /**
   * Writes all of it.
   *
   * @param from what remains in it
   * @return how many bytes that was
   * @throws java.net.SocketTimeoutException when for so long none was taken
   * @throws java.nio.channels.ClosedChannelException when it is closed, or was while this waited
   * @throws IOException when the connection broke
   */
  @Override
  int write(ByteBuffer from) throws IOException;

  /**
   * Sets how long a read waits for its first byte, and a write for the next byte to be taken, from
   * the next call on.
   *
   * @param most more than zero
   */
  void timeout(Duration most);
}
