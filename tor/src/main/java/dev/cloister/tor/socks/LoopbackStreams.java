package dev.cloister.tor.socks;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Streams within this host, by no tor: to its own loopback addresses, and to nowhere else. Who is
 * at the other end, any process of this host can be. Immutable; isolation means nothing here.
 */
public final class LoopbackStreams implements TorStreams {
  private final TimeSource clock;

  private LoopbackStreams(TimeSource clock) {
    this.clock = clock;
  }

  /**
   * Makes them.
   *
   * @param clock what bounds are measured by
   * @return streams
   */
  public static LoopbackStreams by(TimeSource clock) {
    return new LoopbackStreams(clock);
  }

  /**
   * Opens a stream.
   *
   * @throws IllegalArgumentException when it is to another host, or by a name
   */
  @Override
  public TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException {
    var address =
        to.address()
            .filter(InetAddress::isLoopbackAddress)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "stream to " + to + " without tor: allowed are loopback addresses"));
    return SocketStream.connect(new InetSocketAddress(address, to.port()), timeout, clock);
  }

  /**
   * Takes over a channel that this host accepted.
   *
   * @param accepted connected; closed when this fails, and with the stream
   * @param timeout the stream's at first; more than zero
   * @return an open stream, which the caller closes
   * @throws IOException when it is broken already
   */
  public TorStream over(SocketChannel accepted, Duration timeout) throws IOException {
    return SocketStream.over(accepted, timeout, clock);
  }
}
