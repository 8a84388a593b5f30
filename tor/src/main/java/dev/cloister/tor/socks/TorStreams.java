package dev.cloister.tor.socks;

import java.io.IOException;
import java.time.Duration;

/**
 * Opens byte streams to destinations by name, which nobody resolves on this side. How many hops a
 * stream has, it does not say. Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface TorStreams {

  /**
   * Opens a stream, and waits until the destination has accepted it.
   *
   * @param to where to
   * @param isolation which other streams may share its circuit
   * @param timeout the most that opening may take; more than zero
   * @return an open stream, which the caller closes
   * @throws SocksFailure when it was refused, with the reason
   * @throws java.net.SocketTimeoutException when it took too long
   * @throws IOException when tor was not reached or broke off
   */
  TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException;
}
