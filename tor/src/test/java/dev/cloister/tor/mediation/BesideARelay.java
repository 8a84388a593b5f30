package dev.cloister.tor.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.onion.OnionService;
import dev.cloister.tor.onion.OnionStreams;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** The relay, the node and its client, in one process of one user; a main class. */
final class BesideARelay implements AutoCloseable {
  private static final Duration SOON = Duration.ofMinutes(3);
  private static final int BYTES = 200_000;

  /** A relay builds the circuits of its own services through others, three of which are too few. */
  private static final int RELAYS = 5;

  private final PrivateTorNetwork network;
  private final TorNode relay;
  private final TorControl control;
  private final TorControl authority;
  private final TorControl client;
  private final SocksClient socks;
  private final ServerSocket server;

  private BesideARelay(PrivateTorNetwork network) throws IOException {
    this.network = network;
    relay = network.nodes(TorRole.RELAY).getFirst();
    control = relay.control();
    authority = network.nodes(TorRole.AUTHORITY).getFirst().control();
    client = network.client().control();
    socks = SocksClient.through(network.client().socksAddress(), TimeSource.system());
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  public static void main(String... args) throws Exception {
    var directory = Path.of(args[0]);
    System.out.println("user " + Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    try (var network =
            PrivateTorNetwork.shape()
                .relays(RELAYS)
                .keys(directory.resolve("keys"))
                .startIn(Files.createDirectory(directory.resolve("network")));
        var scene = new BesideARelay(network)) {
      var before = scene.state();
      scene.functionsAreServed();
      RelayState.awaitConsensuses(scene.authority, 2);
      assertThat(scene.state()).usingRecursiveComparison().isEqualTo(before);
      System.out.println("untouched by onion services and functions");
      scene.onePortIsLetOut();
      RelayState.await(
          scene.control, 60, () -> scene.state().exitPolicy().equals(before.exitPolicy()));
      RelayState.await(
          scene.control, 90, () -> scene.state().descriptor().equals(before.descriptor()));
      RelayState.awaitConsensuses(scene.authority, 2);
      assertThat(scene.state()).usingRecursiveComparison().isEqualTo(before);
      System.out.println("as before after one port was let out");
    }
  }

  private RelayState state() throws IOException {
    return RelayState.of(relay, control, authority);
  }

  /** The node's own service with traffic, and a mediated function with circuits and a service. */
  private void functionsAreServed() throws Exception {
    var plan =
        NewOnion.serving(80, new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
    try (var service = OnionService.publish(control, plan.discardKey(), SOON);
        var functions = new FunctionsOnTor(network, relay, grant -> grant)) {
      transfer(() -> open(service.address()));
      var function = functions.function();
      function.ask("SETEVENTS CIRC");
      var own = FunctionsOnTor.lastWord(function.ask("EXTENDCIRCUIT 0 " + others()));
      function.await(line -> line.startsWith("650 CIRC " + own + " BUILT "));
      var onion = OnionAddress.ofId(functions.onion(function));
      open(onion).close();
    }
  }

  private TorStream open(OnionAddress to) throws IOException {
    return OnionStreams.over(socks, TimeSource.system()).open(to, 80, Isolation.none(), SOON);
  }

  /** Has bytes go from a stream to the server and back. */
  private void transfer(Callable<TorStream> opening) throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var echo = executor.submit(this::echo);
      try (var stream = opening.call()) {
        stream.write(ByteBuffer.allocate(BYTES));
        var back = ByteBuffer.allocate(BYTES);
        while (back.hasRemaining()) {
          assertThat(stream.read(back)).isPositive();
        }
      } catch (Exception | AssertionError e) {
        echo.cancel(true);
        throw e;
      }
      echo.get();
    }
  }

  private int echo() throws IOException {
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(accepted.getInputStream().readNBytes(BYTES));
      return accepted.getInputStream().read();
    }
  }

  /** Turns the relay into an exit to one port for a while, as an operator is told. */
  private void onePortIsLetOut() throws Exception {
    var allowed = "accept 127.0.0.1:" + server.getLocalPort();
    try (var settings =
            TemporarySettings.apply(
                control,
                new Setting("ExitRelay", "1"),
                new Setting("ExitPolicyRejectPrivate", "0"),
                new Setting("ExitPolicy", allowed),
                new Setting("ExitPolicy", "reject *:*"));
        var ours = TemporarySettings.apply(client, new Setting("__LeaveStreamsUnattached", "1"))) {
      settings.lines().forEach(System.out::println);
      assertThat(ours.lines()).containsExactly("__LeaveStreamsUnattached: \"0\" -> \"1\"");
      RelayState.await(control, 60, () -> control.getInfo("exit-policy/full").contains(allowed));
      var circuit = circuit();
      transfer(() -> attached(circuit, server.getLocalPort()));
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> attached(circuit, server.getLocalPort() - 1).close());
      assertThat(state().torrc()).doesNotContain(allowed);
    }
  }

  private CircuitId circuit() throws IOException {
    try (var events = client.events(EventKind.CIRC)) {
      var path =
          List.of(fingerprint(TorRole.AUTHORITY), fingerprint(TorRole.EXIT), relay.fingerprint());
      var circuit = client.circuits().launch(Circuits.Purpose.GENERAL, path);
      while (true) {
        if (events.next(SOON).orElseThrow() instanceof TorEvent.Circuit told
            && told.circuit().equals(circuit)
            && told.status() == TorEvent.CircuitStatus.BUILT) {
          return circuit;
        }
      }
    }
  }

  /** Names a path through other relays. */
  private String others() {
    return String.join(
        ",",
        network.nodes().stream()
            .filter(node -> node.role().relays() && node != relay)
            .limit(3)
            .map(node -> node.fingerprint().toString())
            .toList());
  }

  private Fingerprint fingerprint(TorRole role) {
    return network.nodes(role).getFirst().fingerprint();
  }

  /** Opens a stream and puts it onto the circuit; when it comes off, its refusal is final. */
  private TorStream attached(CircuitId circuit, int port) throws IOException {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor();
        var events = client.events(EventKind.STREAM)) {
      var opening =
          executor.submit(
              () -> socks.open(new Destination("127.0.0.1", port), Isolation.none(), SOON));
      while (!opening.isDone()) {
        var event = events.next(Duration.ofMillis(200));
        if (event.isPresent() && event.get() instanceof TorEvent.Stream stream) {
          follow(stream, circuit);
        }
      }
      return opening.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void follow(TorEvent.Stream stream, CircuitId circuit) throws IOException {
    try {
      switch (stream.status()) {
        case NEW -> client.circuits().attach(stream.stream(), circuit);
        case DETACHED -> {
          assertThat(stream.detail("REMOTE_REASON")).contains("EXITPOLICY");
          client.circuits().close(stream.stream(), Circuits.CloseReason.MISC);
        }
        default -> {
          // It goes its way.
        }
      }
    } catch (ControlRefused _) {
      // It has ended already, or is another user's of this tor.
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    authority.close();
    control.close();
    server.close();
  }
}
