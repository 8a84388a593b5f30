package dev.cloister.tor.mediation;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Functions that speak to the client of a real network, and a server of theirs that listens. */
final class FunctionsOnTor implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final PrivateTorNetwork network;
  private final TorControl control;
  private final TorMediator mediator;
  private final ServerSocket server;
  private final List<MediatedTor> functions = new ArrayList<>();
  private final List<TorStream> connections = new ArrayList<>();

  /** The ledger of the function that was opened last. */
  private Ledger ledger = Ledger.of(List.of());

  /** Grants everything, to services that lead to the server alone. */
  FunctionsOnTor(PrivateTorNetwork network) throws IOException {
    this(network, grant -> grant.bounds(4, 2, 100_000));
  }

  FunctionsOnTor(PrivateTorNetwork network, UnaryOperator<TorGrant> grant) throws IOException {
    this(network, network.client(), grant);
  }

  /** Lets functions speak to another node than the client, which may have no SOCKS port. */
  FunctionsOnTor(PrivateTorNetwork network, TorNode node, UnaryOperator<TorGrant> grant)
      throws IOException {
    this.network = network;
    this.control = node.control();
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var targets =
        NetworkPolicy.parse("targets", List.of("accept 127.0.0.1:" + server.getLocalPort()));
    this.mediator = TorMediator.of(control, grant.apply(TorGrant.all(targets)));
  }

  TorControl control() {
    return control;
  }

  TorMediator mediator() {
    return mediator;
  }

  TorNode client() {
    return network.client();
  }

  int port() {
    return server.getLocalPort();
  }

  long counted(MediationCounter counter) {
    return ledger.tally(counter).get();
  }

  Talk function() throws IOException {
    ledger = Ledger.of(mediator.counters());
    var function = open(mediator, ledger);
    functions.add(function);
    return new Talk(function);
  }

  static MediatedTor open(TorMediator mediator, Ledger ledger) throws IOException {
    var pass = new EgressPass(ContextId.random(new SecureRandom()));
    return mediator.open(
        new Opening(
            Mode.LAB,
            TimeSource.system(),
            ledger,
            () -> {
              throw new IllegalStateException("no keys are needed");
            },
            pass));
  }

  /** Returns the network's relays but for authorities, an exit last. */
  List<Fingerprint> relays() {
    var relays = new ArrayList<Fingerprint>();
    for (var role : List.of(TorRole.AUTHORITY, TorRole.RELAY, TorRole.EXIT)) {
      network.nodes(role).forEach(node -> relays.add(node.fingerprint()));
    }
    return relays;
  }

  /** Names a path of three relays, the last of which is an exit. */
  String path() {
    var relays = relays();
    return String.join(
        ",",
        relays.subList(relays.size() - 3, relays.size()).stream()
            .map(Fingerprint::toString)
            .toList());
  }

  /** Launches a circuit and waits until it is built; returns the function's own name of it. */
  String circuit(Talk function) throws IOException {
    function.ask("SETEVENTS CIRC STREAM");
    var own = lastWord(function.ask("EXTENDCIRCUIT 0 " + path()));
    function.await(line -> line.startsWith("650 CIRC " + own + " BUILT "));
    return own;
  }

  /** Opens a stream for a function, to the server; returns the function's own name of it. */
  String stream(Talk function) throws IOException {
    function.ask("SETEVENTS CIRC STREAM");
    connect(function);
    return function.await(line -> line.matches("650 STREAM \\d+ SUCCEEDED .*")).split(" ", -1)[2];
  }

  TorStream connect(Talk function) throws IOException {
    var connection =
        SocksClient.through(client().socksAddress(), TimeSource.system())
            .open(
                new Destination("127.0.0.1", port()),
                Isolation.named(function.gate().streamsUser(), "x"),
                SOON);
    connections.add(connection);
    return connection;
  }

  String onion(Talk function) throws IOException {
    return function
        .ask("ADD_ONION NEW:BEST Port=80,127.0.0.1:" + port())
        .lines()
        .filter(line -> line.startsWith("250-ServiceID="))
        .map(line -> line.substring("250-ServiceID=".length()))
        .findFirst()
        .orElseThrow();
  }

  static String lastWord(String answer) {
    return answer.substring(answer.lastIndexOf(' ') + 1);
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    connections.forEach(connection -> failures.run(connection::close));
    functions.forEach(function -> failures.run(function::close));
    failures.run(control::close);
    failures.run(server::close);
    failures.throwFirst();
  }
}
