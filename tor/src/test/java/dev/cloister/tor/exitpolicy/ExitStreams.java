package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits.CloseReason;
import dev.cloister.tor.control.Circuits.Purpose;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.control.TorEvent.CircuitStatus;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorRole;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Streams along one circuit to one exit, each attached by hand, so that the exit decides and not
 * the client, which would go by the consensus; and the exit's policy, which changes as it runs.
 */
final class ExitStreams implements Closeable {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** A client asks the less often, the more often it asked in vain. */
  private static final Duration DESCRIPTOR_MOST = Duration.ofMinutes(2);

  private static final int NO_DESCRIPTOR = 552;
  private static final long POLL_NANOS = 10_000_000;

  private final InetSocketAddress socks;
  private final TorControl client;
  private final TorControl exit;
  private final List<Setting> before;
  private final ControlEvents events;
  private final CircuitId circuit;

  private ExitStreams(PrivateTorNetwork network) throws IOException {
    this.socks = network.client().socksAddress();
    this.client = network.client().control();
    this.exit = network.nodes(TorRole.EXIT).getFirst().control();
    this.before = exit.getConf("ExitPolicy", "IPv6Exit", "ExitPolicyRejectPrivate");
    this.events = client.events(EventKind.STREAM, EventKind.CIRC, EventKind.NEWDESC);
    client.setConf(new Setting("__LeaveStreamsUnattached", "1"));
    this.circuit = launched(path(network));
    await(event ->
        event instanceof TorEvent.Circuit built
            && built.circuit().equals(circuit)
            && built.status() == CircuitStatus.BUILT);
  }

  static ExitStreams open(PrivateTorNetwork network) throws IOException {
    return new ExitStreams(network);
  }

  private static List<Fingerprint> path(PrivateTorNetwork network) {
    return List.of(
        network.nodes(TorRole.RELAY).get(0).fingerprint(),
        network.nodes(TorRole.RELAY).get(1).fingerprint(),
        network.nodes(TorRole.EXIT).getFirst().fingerprint());
  }

  /** Launches as soon as the client has what an exit published last, whose policy has changed. */
  private CircuitId launched(List<Fingerprint> path) throws IOException {
    var deadline = Deadline.in(DESCRIPTOR_MOST);
    while (true) {
      try {
        return client.circuits().launch(Purpose.CONTROLLER, path);
      } catch (ControlRefused e) {
        if (e.status() != NO_DESCRIPTOR || deadline.hasPassed()) {
          throw e;
        }
        var _ = events.next(Duration.ofMillis(250));
      }
    }
  }

  private TorEvent await(Predicate<TorEvent> which) throws IOException {
    var heard = new ArrayList<TorEvent>();
    for (var end = System.nanoTime() + SOON.toNanos(); System.nanoTime() < end; ) {
      var event = events.next(SOON);
      if (event.isPresent() && which.test(event.get())) {
        return event.get();
      }
      event.ifPresent(heard::add);
    }
    throw new AssertionError("it did not come, but " + heard);
  }

  /** Gives the exit a policy, and waits until it is the one that it holds to. */
  void set(List<String> lines, ExitPolicy policy) throws IOException {
    var settings = new ArrayList<Setting>();
    lines.forEach(line -> settings.add(new Setting("ExitPolicy", line)));
    settings.add(new Setting("IPv6Exit", "1"));
    settings.add(new Setting("ExitPolicyRejectPrivate", "0"));
    exit.setConf(settings.toArray(Setting[]::new));
    var expected = String.join("\n", policy.publishedLines());
    var said = "";
    for (var end = System.nanoTime() + SOON.toNanos(); System.nanoTime() < end; ) {
      said = exit.getInfo("exit-policy/full");
      if (said.equals(expected)) {
        return;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    assertThat(said).isEqualTo(expected);
  }

  /** Asks the exit for a connection; returns {@code connected}, or why it was not. */
  String connect(InetSocketAddress to) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(socks);
      socket.getOutputStream().write(request(to));
      var asked =
          (TorEvent.Stream)
              await(event ->
                  event instanceof TorEvent.Stream stream
                      && stream.status() == TorEvent.StreamStatus.NEW
                      && stream.target().endsWith(":" + to.getPort()));
      client.circuits().attach(asked.stream(), circuit);
      return outcome(asked);
    }
  }

  private String outcome(TorEvent.Stream asked) throws IOException {
    while (true) {
      var stream =
          (TorEvent.Stream)
              await(event ->
                  event instanceof TorEvent.Stream other && other.stream().equals(asked.stream()));
      switch (stream.status()) {
        case SUCCEEDED -> {
          return "connected";
        }
        case DETACHED -> {
          client.circuits().close(asked.stream(), CloseReason.DONE);
          return stream.detail("REMOTE_REASON").orElse("");
        }
        case FAILED, CLOSED -> {
          return stream.detail("REMOTE_REASON").or(() -> stream.detail("REASON")).orElse("");
        }
        default -> {}
      }
    }
  }

  /** A greeting without a password and a request to connect, both at once (RFC 1928). */
  private static byte[] request(InetSocketAddress to) {
    var address = to.getAddress().getAddress();
    return ByteBuffer.allocate(3 + 4 + address.length + 2)
        .put(new byte[] {5, 1, 0, 5, 1, 0, (byte) (address.length == 4 ? 1 : 4)})
        .put(address)
        .putShort((short) to.getPort())
        .array();
  }

  /** Leaves the network as it was. */
  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(() -> client.circuits().close(circuit));
    failures.run(() -> client.setConf(Setting.byDefault("__LeaveStreamsUnattached")));
    failures.run(() -> exit.setConf(before.toArray(Setting[]::new)));
    failures.run(events::close);
    failures.run(client::close);
    failures.run(exit::close);
    failures.throwFirst();
  }
}
