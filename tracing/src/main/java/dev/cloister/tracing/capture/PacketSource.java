package dev.cloister.tracing.capture;

import dev.cloister.core.gate.Ingress;
import java.io.IOException;
import java.util.Optional;

/**
 * Gives frames in the order in which they were captured. It gives every frame before the first
 * damage, and none after it. For one thread; {@link #stop} is for any.
 */
public interface PacketSource extends Ingress {

  /**
   * Where a capture ceased to make sense, or to come.
   *
   * @param offset bytes from the beginning of the input
   * @param what the value found there and what was expected
   */
  record Damage(long offset, String what) {}

  /**
   * Gives the frames that are there now. A source that cannot wait may wait a moment for the first;
   * when it has ended or was stopped, its next poll counts what it received and did not give.
   *
   * @param handler takes each
   * @param most how many, at most
   * @return how many were given; 0 when there are none now, -1 when there will be none any more
   * @throws IOException when the input cannot be read
   */
  int poll(FrameHandler handler, int most) throws IOException;

  /**
   * Tells whether frames wait for whoever reads them, as those of a file do.
   *
   * @return false when a frame that is not read in time is gone
   */
  boolean canWait();

  /**
   * Tells where the input was damaged; asked after the end.
   *
   * @return the first damage, if there was any; none unless said
   */
  default Optional<Damage> damage() {
    return Optional.empty();
  }

  /**
   * Tells how far the input was read.
   *
   * @return bytes
   */
  long bytesRead();

  /**
   * Tells how long the input is.
   *
   * @return bytes; 0 when nobody knows, as unless said
   */
  default long bytesTotal() {
    return 0;
  }
}
