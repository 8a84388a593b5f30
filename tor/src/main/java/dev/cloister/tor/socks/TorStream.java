package dev.cloister.tor.socks;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Bytes to and from one destination, in order, where no wait is without a bound. That bytes which
 * were written have arrived, it does not say. One thread may read while another writes; {@link
 * #close} is for any thread and ends the waits of both, as an interrupt of either does.
 */
public interface TorStream extends CellChannel {

  /**
   * Reads what there is, and waits for the first byte.
   *
   * @param into where to; with no room, nothing is read
   * @return how many bytes, or -1 when the other side sends no more
   * @throws java.net.SocketTimeoutException when none came in time; the stream stays usable
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
   * @throws java.net.SocketTimeoutException when for so long none was taken; what was written is
   *     behind the buffer's position
   * @throws java.nio.channels.ClosedChannelException when it is closed, or its output shut down
   * @throws IOException when the connection broke
   */
  @Override
  int write(ByteBuffer from) throws IOException;

  /**
   * Sets how long a read waits for its first byte, and a write for the next byte to be taken, from
   * the next call on; at first it is what the stream had to open in.
   *
   * @param most more than zero
   */
  @Override
  void timeout(Duration most);

  /**
   * Says that nothing more will be written. Tor's own protocol has no half of a stream: there the
   * whole stream ends, and what the other side had not sent by then is lost.
   *
   * @throws IOException when the connection broke
   */
  void shutdownOutput() throws IOException;
}
