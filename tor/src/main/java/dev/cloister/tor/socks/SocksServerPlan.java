package dev.cloister.tor.socks;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/**
 * Declares a SOCKS server. A builder; not safe for use by many threads. Without an address it
 * serves only channels that are handed to it.
 */
public final class SocksServerPlan {
  final TorStreams streams;
  final OutboundPolicy policy;
  Isolation isolation = Isolation.none();
  Optional<Isolation> login = Optional.empty();
  Optional<SocketAddress> address = Optional.empty();
  Optional<ServerSocketChannel> listener = Optional.empty();
  SocksLimits limits = SocksLimits.standard();
  TimeSource clock = TimeSource.system();

  SocksServerPlan(TorStreams streams, OutboundPolicy policy) {
    this.streams = streams;
    this.policy = policy;
  }

  /**
   * Sets where it listens.
   *
   * @param at a port of a loopback address (0: one that is free), or a path for a unix socket,
   *     whose directory's permissions say who may connect
   * @return this
   */
  public SocksServerPlan listeningAt(SocketAddress at) {
    if (Sockets.checked(at) instanceof InetSocketAddress inet
        && !inet.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "listening at " + at + ": allowed are loopback addresses and unix sockets");
    }
    address = Optional.of(at);
    return this;
  }

  /**
   * Takes over a listener wherever it is bound. Who can connect there, the caller has seen to.
   *
   * @param bound TCP or unix; closed with the server
   * @return this
   */
  public SocksServerPlan acceptingFrom(ServerSocketChannel bound) {
    listener = Optional.of(bound);
    return this;
  }

  /**
   * Sets the isolation of all streams that it opens.
   *
   * @param shared by all clients
   * @return this
   */
  public SocksServerPlan isolation(Isolation shared) {
    isolation = shared;
    return this;
  }

  /**
   * Lets in only clients that know these; on TCP any process of this host can connect.
   *
   * @param user 1 to 255 bytes as UTF-8
   * @param password 1 to 255 bytes as UTF-8
   * @return this
   */
  public SocksServerPlan login(String user, String password) {
    login = Optional.of(Isolation.named(user, password));
    return this;
  }

  /**
   * Sets what clients may take.
   *
   * @param most the limits
   * @return this
   */
  public SocksServerPlan limits(SocksLimits most) {
    limits = most;
    return this;
  }

  /**
   * Sets what the limits' times are measured by.
   *
   * @param source the clocks
   * @return this
   */
  public SocksServerPlan clock(TimeSource source) {
    clock = source;
    return this;
  }

  /**
   * Opens the server; it accepts nothing before it is run.
   *
   * @return a server, which the caller closes
   * @throws IOException when it cannot listen there
   */
  public SocksServer open() throws IOException {
    return new SocksServer(this);
  }
}
