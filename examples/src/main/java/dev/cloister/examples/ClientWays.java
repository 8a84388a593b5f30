package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.RemoteCallees;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.SocksClient;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** How a client goes to nodes: on this host, or by the tor whose ports were given. */
final class ClientWays implements Closeable {
  private final BentoClient client;
  private final Optional<TorControl> control;
  private final ExecutorService tasks;

  private ClientWays(BentoClient client, Optional<TorControl> control, ExecutorService tasks) {
    this.client = client;
    this.control = control;
    this.tasks = tasks;
  }

  static ClientWays of(@Nullable Integer socks, @Nullable Integer control)
      throws BadRequest, IOException {
    var tasks = Executors.newVirtualThreadPerTaskExecutor();
    if (socks == null) {
      return new ClientWays(BentoClient.onLoopback(TimeSource.system()), Optional.empty(), tasks);
    }
    var streams = SocksClient.through(local("--socks", socks), TimeSource.system());
    var client = BentoClient.through(streams, TimeSource.system());
    if (control == null) {
      return new ClientWays(client, Optional.empty(), tasks);
    }
    var tor = TorControl.connect(local("--control", control));
    return new ClientWays(client.steering(tor, tasks), Optional.of(tor), tasks);
  }

  static InetSocketAddress local(String option, int port) throws BadRequest {
    if (port < 1 || port > 65_535) {
      throw new BadRequest("%s %d: allowed are 1 to 65535".formatted(option, port));
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Names a node; nothing is opened yet. */
  CellClient to(String node) throws BadRequest {
    try {
      var address = NodeAddress.parse(node);
      return CellClient.over(client.dialer(address), address.text());
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--node: " + e.getMessage());
    }
  }

  /** Leads a node's functions to those of other nodes, as far as this goes. */
  RemoteCallees callees() {
    return RemoteCallees.by(node -> {
      try {
        return Optional.of(to(node));
      } catch (BadRequest _) {
        return Optional.empty();
      }
    });
  }

  @Override
  public void close() {
    control.ifPresent(TorControl::close);
    tasks.close();
  }
}
