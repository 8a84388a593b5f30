package dev.cloister.tor.onionproxy;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.container.LinkGate;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.OutboundPolicy;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.socks.SocksCounter;
import dev.cloister.tor.socks.SocksLimits;
import dev.cloister.tor.socks.SocksServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One function's gate: a SOCKS server at the host's end of the function's link, which asks the
 * policy before it asks the function's tor. Safe for use by many threads once it is open.
 */
final class ProxyGate implements LinkGate, Closeable {
  /** The environment's name for the way to a proxy, as curl(1) and others read it. */
  private static final String VARIABLE = "ALL_PROXY";

  private final Path socket;
  private final OutboundPolicy policy;
  private final SocksLimits limits;
  private final Executor executor;
  private final TimeSource time;
  private @Nullable SocksServer server;

  /**
   * Describes it.
   *
   * @param socket where the function's tor listens
   * @param executor runs one task for the gate, and two for each connection
   */
  ProxyGate(
      Path socket, OutboundPolicy policy, SocksLimits limits, Executor executor, TimeSource time) {
    this.socket = socket;
    this.policy = policy;
    this.limits = limits;
    this.executor = executor;
    this.time = time;
  }

  /** The names are for the proxy to resolve: the h of socks5h. */
  @Override
  public synchronized Map<String, String> open(InetSocketAddress at) throws IOException {
    var opened =
        SocksServer.through(SocksClient.through(UnixDomainSocketAddress.of(socket), time), policy)
            .acceptingFrom(listener(at))
            .isolation(Isolation.fresh(new SecureRandom()))
            .limits(limits)
            .clock(time)
            .open();
    server = opened;
    executor.execute(() -> opened.accept(executor));
    return Map.of(
        VARIABLE, "socks5h://%s:%d".formatted(at.getAddress().getHostAddress(), at.getPort()));
  }

  private static ServerSocketChannel listener(InetSocketAddress at) throws IOException {
    var channel = ServerSocketChannel.open();
    try {
      return channel.bind(at);
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "%s is not free for a function's gate: %s; stop what listens on that port of every address"
              .formatted(at, e.getMessage()),
          e);
    }
  }

  synchronized long counted(SocksCounter counter) {
    return server == null ? 0 : server.ledger().tally(counter).get();
  }

  @Override
  public synchronized void close() throws IOException {
    if (server != null) {
      server.close();
    }
  }
}
