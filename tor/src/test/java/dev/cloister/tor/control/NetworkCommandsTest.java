package dev.cloister.tor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands and events that need a network, against real tors. */
@Timeout(120)
final class NetworkCommandsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private static List<Fingerprint> relays(PrivateTorNetwork network) {
    var relays = new ArrayList<Fingerprint>();
    for (var role : List.of(TorRole.AUTHORITY, TorRole.RELAY, TorRole.EXIT)) {
      network.nodes(role).forEach(node -> relays.add(node.fingerprint()));
    }
    return relays;
  }

  /** Waits for an event of a type that is the one. */
  private static <E extends TorEvent> E await(
      ControlEvents events, Class<E> type, Predicate<E> which) throws IOException {
    while (true) {
      var event = events.next(SOON).orElseThrow(() -> new AssertionError("it did not come"));
      if (type.isInstance(event) && which.test(type.cast(event))) {
        return type.cast(event);
      }
    }
  }

  private static TorEvent.Circuit awaitBuilt(ControlEvents events, CircuitId circuit, int hops)
      throws IOException {
    return await(
        events,
        TorEvent.Circuit.class,
        event ->
            event.circuit().equals(circuit)
                && event.status() == TorEvent.CircuitStatus.BUILT
                && event.path().size() == hops);
  }

  @Test
  void aCircuitIsLaunchedExtendedAndClosed(PrivateTorNetwork network) throws IOException {
    var relays = relays(network);
    try (var control = network.client().control();
        var events = control.events(EventKind.CIRC)) {
      var circuit = control.circuits().launch(Circuits.Purpose.CONTROLLER, relays.subList(0, 3));
      assertThat(awaitBuilt(events, circuit, 3).path()).isEqualTo(relays.subList(0, 3));
      control.circuits().extend(circuit, relays.subList(3, 4));
      assertThat(awaitBuilt(events, circuit, 4).path()).isEqualTo(relays);
      assertThat(control.circuits().list())
          .anyMatch(other -> other.circuit().equals(circuit) && other.path().equals(relays));
      control.circuits().closeIfUnused(circuit);
      var closed =
          await(
              events,
              TorEvent.Circuit.class,
              event ->
                  event.circuit().equals(circuit)
                      && event.status() == TorEvent.CircuitStatus.CLOSED);
      assertThat(closed.detail("REASON")).contains("REQUESTED");
    }
  }

  @Test
  void aCircuitOfTorsChoiceIsForStreams(PrivateTorNetwork network) throws IOException {
    try (var control = network.client().control();
        var events = control.events(EventKind.CIRC)) {
      var circuit = control.circuits().launch();
      assertThat(awaitBuilt(events, circuit, 3).detail("PURPOSE")).contains("GENERAL");
      control.circuits().close(circuit);
    }
  }

  @Test
  void aRelayThatIsNotThereIsRefused(PrivateTorNetwork network) throws IOException {
    try (var control = network.client().control()) {
      var nobody = List.of(new Fingerprint("0".repeat(40)));
      assertThatThrownBy(() -> control.circuits().launch(Circuits.Purpose.GENERAL, nobody))
          .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(552));
    }
  }

  @Test
  void whatStreamsAndCircuitsCarryIsTold(PrivateTorNetwork network) throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var control = network.client().control();
        var events =
            control.events(EventKind.STREAM, EventKind.STREAM_BW, EventKind.CIRC_BW, EventKind.BW);
        var stream =
            SocksClient.through(network.client().socksAddress(), TimeSource.system())
                .open(
                    new Destination("127.0.0.1", server.getLocalPort()),
                    Isolation.named("told", "x"),
                    SOON);
        var peer = server.accept()) {
      var opened =
          await(
              events,
              TorEvent.Stream.class,
              event -> event.status() == TorEvent.StreamStatus.SUCCEEDED);
      assertThat(opened.target()).isEqualTo("127.0.0.1:" + server.getLocalPort());
      assertThat(opened.detail("SOCKS_USERNAME")).contains("told");
      stream.write(ByteBuffer.allocate(10_000));
      assertThat(peer.getInputStream().readNBytes(10_000)).hasSize(10_000);
      var carried =
          await(
              events,
              TorEvent.StreamBandwidth.class,
              event -> event.stream().equals(opened.stream()) && event.writtenBytes() >= 10_000);
      // Tor counts its own part of the SOCKS handshake.
      assertThat(carried.readBytes()).isBetween(1L, 100L);
      var cells =
          await(events, TorEvent.CircuitBandwidth.class, event -> event.writtenBytes() > 10_000);
      assertThat(cells.detail("DELIVERED_WRITTEN")).isPresent();
      assertThat(await(events, TorEvent.Bandwidth.class, event -> event.writtenBytes() > 0))
          .isNotNull();
      control.circuits().close(opened.stream(), Circuits.CloseReason.DONE);
      await(
          events,
          TorEvent.Stream.class,
          event ->
              event.stream().equals(opened.stream())
                  && event.status() == TorEvent.StreamStatus.CLOSED);
    }
  }

  @Test
  void aDescriptorIsFetchedAndCanBePosted(PrivateTorNetwork network) throws IOException {
    var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    try (var control = network.client().control();
        var events = control.events(EventKind.HS_DESC, EventKind.HS_DESC_CONTENT)) {
      var address = control.onions().add(NewOnion.serving(80, target).discardKey()).address();
      var id = address.id();
      Predicate<TorEvent.OnionDescriptor> uploaded =
          event ->
              event.address().equals(id) && event.action() == TorEvent.DescriptorAction.UPLOADED;
      await(events, TorEvent.OnionDescriptor.class, uploaded);
      control.onions().fetch(address, List.of());
      var content =
          await(
              events,
              TorEvent.OnionDescriptorContent.class,
              event -> event.address().equals(id) && !event.text().isEmpty());
      assertThat(content.text()).startsWith("hs-descriptor 3").contains("\nsignature ");
      var directory = network.nodes(TorRole.RELAY).getFirst().fingerprint();
      control.onions().post(address, content.text() + "\n", List.of(directory));
      assertThatThrownBy(() -> control.onions().post(address, "no descriptor", List.of()))
          .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(554));
      control.onions().delete(address);
    }
  }

  @Test
  void signalsAreTaken(PrivateTorNetwork network) throws IOException {
    try (var control = network.client().control()) {
      control.signal(TorSignal.HEARTBEAT);
      control.signal(TorSignal.CLEARDNSCACHE);
      control.signal(TorSignal.ACTIVE);
      assertThat(control.hasEnded()).isFalse();
    }
  }
}
