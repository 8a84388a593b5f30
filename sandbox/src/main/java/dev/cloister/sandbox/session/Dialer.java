package dev.cloister.sandbox.session;

import java.io.IOException;
import java.time.Duration;

/**
 * Opens ways to one node, each of which tells the node and whoever carries it nothing of the
 * others. Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface Dialer {

  /**
   * Opens a way of its own.
   *
   * @param timeout the most that opening may take; more than zero
   * @return an open channel, which the caller closes
   * @throws java.net.SocketTimeoutException when it took too long
   * @throws IOException when the node was not reached
   */
  CellChannel open(Duration timeout) throws IOException;
}
