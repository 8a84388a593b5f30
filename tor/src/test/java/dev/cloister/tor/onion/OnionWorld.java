package dev.cloister.tor.onion;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A tor that serves, another that is a client with extended errors, and a server of this host. */
final class OnionWorld implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(30);
  static final int PORT = 80;

  private final ServerSocket server;
  private final TorNode serving;
  private final TorControl service;
  private final TorControl client;
  private final TemporarySettings settings;
  private final List<OnionService> services = new ArrayList<>();

  OnionWorld(PrivateTorNetwork network) throws IOException {
    var clients = network.nodes(TorRole.CLIENT);
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    serving = clients.getFirst();
    service = serving.control();
    client = clients.get(1).control();
    settings =
        TemporarySettings.apply(
            client,
            client.getConf("SocksPort").getFirst(),
            new Setting("SocksPort", "auto ExtendedErrors"));
  }

  TorControl service() {
    return service;
  }

  TorControl client() {
    return client;
  }

  TorControl newServiceControl() throws IOException {
    return serving.control();
  }

  /** Returns the port that names its errors: the last one of the client. */
  SocksClient socks() throws IOException {
    var listeners = client.getInfo("net/listeners/socks");
    var port = listeners.substring(listeners.lastIndexOf(':') + 1).replace("\"", "");
    return SocksClient.through(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)),
        TimeSource.system());
  }

  OnionStreams streams() throws IOException {
    return OnionStreams.over(socks(), TimeSource.system());
  }

  NewOnion plan() {
    return NewOnion.serving(
        PORT, new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
  }

  OnionService publish(NewOnion plan) throws IOException {
    return kept(OnionService.publish(service, plan, SOON));
  }

  OnionService begin(NewOnion plan) throws IOException {
    return kept(OnionService.begin(service, plan));
  }

  private OnionService kept(OnionService made) {
    services.add(made);
    return made;
  }

  /** Connects once, by SOCKS alone. */
  void connect(OnionAddress to) throws IOException {
    socks().open(new Destination(to.text(), PORT), Isolation.none(), SOON).close();
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    services.forEach(made -> failures.run(made::remove));
    failures.run(settings::close);
    failures.run(client::close);
    failures.run(service::close);
    failures.run(server::close);
    failures.throwFirst();
  }
}
