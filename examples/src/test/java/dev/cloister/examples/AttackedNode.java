package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.sandbox.session.Dialer;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.ServerLimits;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.mediation.TorGrant;
import dev.cloister.tor.mediation.TorMediator;
import dev.cloister.tor.node.BentoNode;
import dev.cloister.tor.node.NodeLimits;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.socks.TorStreams;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node beside a relay of tor, with an honest client's function and that of an attacker, who comes
 * as any client does; it lets out to one site alone.
 */
final class AttackedNode implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(60);

  /** The most that are served, or shake hands, at once. */
  static final int PLACES = 8;

  /** Answers each message by itself. */
  private static final String HONEST =
      """
      import cell
      while (heard := cell.receive(600)) is not None:
          cell.send(heard)
      """;

  private static final String SECRET = "what nobody else may read";

  /** Does what it is told, and says how that went. */
  private static final String ATTACKER =
      """
      import os
      import socket
      import cell

      def connect(port):
          with socket.create_connection(("127.0.0.1", port), 5) as connection:
              return connection.recv(64)

      while (source := cell.receive(600)) is not None:
          try:
              cell.send(b"done: " + repr(eval(source)).encode())
          except BaseException as refused:
              cell.send(f"{type(refused).__name__}: {refused}".encode())
      """;

  private final ExecutorService functions =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger unwanted = new AtomicInteger();
  private final Site elsewhere = Site.publish("elsewhere", 1, _ -> unwanted.incrementAndGet());
  private final ServerSocket leadingAway = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final Scratch scratch = Scratch.create();
  private final ImageCatalog images = scratch.shippedImages();
  private final ProcessRuntime runtime =
      ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
  private final SecretMemory memory = SecretMemory.open(256);
  private final TransportIdentity identity = TransportIdentity.bornIn(memory);
  private final TorControl control;
  private final CellHost host;
  private final CellServer server;
  private final BentoNode node;
  private final BentoClient client;
  private final TorStreams streams;
  private final Map<String, String> places;
  private final RemoteCell honest;
  private final RemoteCell function;

  AttackedNode(PrivateTorNetwork network) throws IOException {
    var relay = network.relaysButGuardsOf(network.client()).getFirst();
    tasks.execute(this::leadAway);
    control = relay.control();
    host =
        CellHost.under(policy())
            .images(images)
            .runtimes(runtime)
            .directory(cells())
            .executor(functions)
            .guarantees(Guarantees.lab())
            .tor(TorMediator.of(control, TorGrant.all(NetworkPolicy.none())))
            .open();
    server =
        CellServer.over(host, ServerLimits.defaults().connections(PLACES), TimeSource.system());
    var before = Connections.listening();
    node =
        BentoNode.serving(server::serve, identity)
            .limits(new NodeLimits(4 * PLACES, PLACES, LONG))
            .asOnionService(control, LONG)
            .open();
    var own = new TreeSet<>(Connections.listening());
    own.removeAll(before);
    tasks.execute(() -> node.serve(tasks));
    tasks.execute(this::tick);
    streams = SocksClient.through(network.client().socksAddress(), TimeSource.system());
    client = BentoClient.through(streams, TimeSource.system());
    places = places(relay, own);
    honest = started(HONEST, "receive, send, store", SECRET);
    function = started(ATTACKER, "receive, send, store, fetch, tor", "");
  }

  private NodePolicy policy() {
    return NodePolicy.parse(
        "policy.yaml",
        """
        version: 1
        images: [python]
        api: [receive, send, store, fetch, tor]
        network: ["accept 127.0.0.1:%d", "reject *:*"]
        perFunction: {cpuSeconds: 60, cpuShare: 1, wallSeconds: 600, memoryBytes: 67108864,
          processes: 4, openFiles: 64, diskBytes: 1000000, bytesIn: 1000000, bytesOut: 1000000}
        total: {cpuSeconds: 600, cpuShare: 4, wallSeconds: 6000, memoryBytes: 671088640,
          processes: 40, openFiles: 640, diskBytes: 10000000, bytesIn: 10000000,
          bytesOut: 10000000}
        lifetime: 600
        """
            .formatted(leadingAway.getLocalPort()));
  }

  private Path cells() {
    return scratch.directory().resolve("cells");
  }

  /** What an attack calls by a word in braces. */
  private Map<String, String> places(TorNode relay, Set<Integer> own) {
    assertThat(own).as("ports of the node's own").hasSize(1);
    return Map.of(
        "{elsewhere}", elsewhere.address().split(":", -1)[1],
        "{away}", Integer.toString(leadingAway.getLocalPort()),
        "{control}", Integer.toString(relay.controlAddress().getPort()),
        "{relay}", relay.orAddress().toString().substring(1),
        "{node}", own.iterator().next().toString(),
        "{cells}", cells().toString());
  }

  private void tick() {
    try {
      while (!tasks.isShutdown()) {
        var next = Math.min(host.tick(), server.tick());
        TimeUnit.NANOSECONDS.sleep(Math.clamp(next, 1, 5_000_000));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException _) {
      // The test has ended.
    }
  }

  /** The one place where functions may go sends whoever comes to where they may not. */
  private void leadAway() {
    try {
      while (true) {
        try (var visitor = leadingAway.accept()) {
          visitor.getInputStream().read(new byte[4096]);
          var head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + elsewhere.url();
          visitor.getOutputStream().write((head + "\r\n\r\n").getBytes(UTF_8));
        }
      }
    } catch (IOException _) {
      // Closed: the test has ended.
    }
  }

  private RemoteCell started(String code, String api, String data) throws IOException {
    var manifest =
        """
        name: function
        codeDigest: %s
        image: python
        api: [%s]
        network: ["accept 127.0.0.1:%d", "reject *:*"]
        """
            .formatted(
                Description.sha256Hex(code.getBytes(UTF_8)), api, leadingAway.getLocalPort());
    var cell = client(dialer()).admit(Manifest.parse("manifest.yaml", manifest)).start();
    cell.load(code.getBytes(UTF_8), data.getBytes(UTF_8));
    return cell;
  }

  private Dialer dialer() {
    return client.dialer(node.address());
  }

  private CellClient client(Dialer dialer) {
    return CellClient.over(dialer, node.address().text());
  }

  /** Every counter of the node by its label, and every denied call of the system by its name. */
  Map<String, Long> counters() throws IOException {
    var all = new HashMap<String, Long>();
    for (var ledger : List.of(host.ledger(), server.ledger(), node.ledger())) {
      all.putAll(ledger.counters());
    }
    function.status().usage().deniedCalls().forEach((call, count) -> all.put(call + "(2)", count));
    return all;
  }

  /** Has the attacker's function try something; returns what it says of it. */
  String tryBySource(String expression) throws IOException {
    var source = expression;
    for (var place : places.entrySet()) {
      source = source.replace(place.getKey(), place.getValue());
    }
    return new String(function.call(source.getBytes(UTF_8), LONG), UTF_8);
  }

  /**
   * What an honest client has: it is served over a new connection, and so is one who comes anew.
   */
  void servesTheHonest() throws IOException {
    honest.detach();
    assertThat(honest.call("still here".getBytes(UTF_8), LONG))
        .asString(UTF_8)
        .isEqualTo("still here");
    honest.detach();
    assertThat(client(dialer()).policy().images()).containsExactly("python");
    assertThat(unwanted).hasValue(0);
  }

  /** What a client of the node can try who was lent a right to the honest client's function. */
  Attacker attacker() throws IOException {
    return new Attacker(streams, dialer(), node.address(), honest, function);
  }

  @Override
  public void close() throws IOException {
    try (scratch;
        leadingAway;
        elsewhere;
        images;
        runtime;
        memory;
        identity;
        control;
        host;
        server;
        node;
        honest;
        function) {
      tasks.shutdownNow();
      functions.shutdown();
    }
  }
}
