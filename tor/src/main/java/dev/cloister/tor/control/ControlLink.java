package dev.cloister.tor.control;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes to and from a control port. One thread reads and one writes at a time; {@link #close} may
 * come from any, and ends both.
 */
public interface ControlLink extends Closeable {

  /**
   * Reads some bytes.
   *
   * @param into room for at least one
   * @param nanos how long to wait for the first one
   * @return how many; 0 when none came in time; -1 when none will come any more
   * @throws java.io.InterruptedIOException when the thread is interrupted, which closes nothing
   * @throws IOException when the link is broken or closed
   */
  int read(ByteBuffer into, long nanos) throws IOException;

  /**
   * Writes all bytes.
   *
   * @param bytes what to write
   * @param nanos how long that may take
   * @throws IOException when the link is broken or closed, or the time was over with part of them
   *     written
   */
  void write(ByteBuffer bytes, long nanos) throws IOException;
}
