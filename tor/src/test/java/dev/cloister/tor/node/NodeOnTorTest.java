package dev.cloister.tor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.mediation.RelayState;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node beside a relay of a real network, and its clients, in both ways. */
@Timeout(600)
final class NodeOnTorTest {
  @RegisterExtension
  static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().relays(6)).forOneClass();

  private static final Duration SOON = Duration.ofMinutes(3);
  private static final int PHASES = 5;

  private final SecretMemory memory = SecretMemory.onHeap(256);
  private final TransportIdentity identity = TransportIdentity.bornIn(memory);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private TorNode relay;
  private TorControl relayControl;
  private TorControl authority;
  private TorControl clientControl;
  private BentoClient client;

  /** The two ways. */
  enum Way {
    ONION,
    EXIT
  }

  @BeforeEach
  void connect(PrivateTorNetwork network) throws IOException {
    clientControl = network.client().control();
    relay = network.relaysButGuardsOf(network.client()).getFirst();
    relayControl = relay.control();
    authority = network.nodes(TorRole.AUTHORITY).getFirst().control();
    client =
        BentoClient.through(
                SocksClient.through(network.client().socksAddress(), TimeSource.system()),
                TimeSource.system())
            .steering(clientControl, executor);
  }

  @AfterEach
  void disconnect() throws Exception {
    relayControl.close();
    authority.close();
    clientControl.close();
    executor.shutdown();
    assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    memory.close();
  }

  private BentoNode served(Way way) throws IOException {
    var plan = BentoNode.serving(Echo::serve, identity);
    var node =
        switch (way) {
          case ONION -> plan.asOnionService(relayControl, SOON);
          case EXIT -> plan.throughOwnRelay(relayControl, SOON);
        };
    var opened = node.open();
    executor.execute(() -> opened.serve(executor));
    return opened;
  }

  private CellChannel open(NodeAddress address) throws IOException {
    return client.dialer(NodeAddress.parse(address.text())).open(SOON);
  }

  private RelayState state() throws IOException {
    return RelayState.of(relay, relayControl, authority);
  }

  @ParameterizedTest
  @EnumSource
  void aNodeIsReachedAndItsRelayIsAfterwardsAsItWas(Way way) throws IOException {
    var before = state();
    try (var node = served(way)) {
      try (var channel = open(node.address())) {
        assertThat(Echo.of(channel, "by " + way)).isEqualTo("by " + way);
      }
      if (way == Way.ONION) {
        assertThat(node.settings()).isEmpty();
        assertThat(state()).usingRecursiveComparison().isEqualTo(before);
      } else {
        var allowed = "accept 127.0.0.1:" + node.address().reach().port();
        assertThat(String.join("\n", node.settings()))
            .contains("ExitRelay: ", allowed, "reject *:*");
        assertThat(state().torrc()).isEqualTo(before.torrc());
      }
    }
    RelayState.await(relayControl, 60, () -> state().exitPolicy().equals(before.exitPolicy()));
    RelayState.await(relayControl, 180, () -> state().descriptor().equals(before.descriptor()));
    assertThat(state()).usingRecursiveComparison().isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void noTwoPhasesShareACircuitAndNoneIsLeft(Way way) throws IOException {
    try (var node = served(way);
        var events = clientControl.events(EventKind.STREAM)) {
      for (var i = 0; i < PHASES; i++) {
        try (var channel = open(node.address())) {
          assertThat(Echo.of(channel, "phase " + i)).isEqualTo("phase " + i);
        }
      }
      var circuits = circuitsOfStreams(events, node.address().reach().port());
      assertThat(circuits).hasSize(PHASES);
      assertThat(circuits.values()).doesNotHaveDuplicates();
      if (way == Way.EXIT) {
        assertThat(clientControl.circuits().list())
            .noneMatch(circuit -> circuit.details().containsValue("CONTROLLER"));
      }
    }
    assertThat(clientControl.getConf("__LeaveStreamsUnattached").getFirst().value()).isEqualTo("0");
  }

  /** Returns on which circuit each stream to a port was connected. */
  private static Map<String, CircuitId> circuitsOfStreams(ControlEvents events, int port)
      throws IOException {
    var circuits = new HashMap<String, CircuitId>();
    for (var event = events.next(Duration.ofSeconds(1));
        event.isPresent();
        event = events.next(Duration.ofSeconds(1))) {
      if (event.get() instanceof TorEvent.Stream stream
          && stream.status() == TorEvent.StreamStatus.SUCCEEDED
          && stream.target().endsWith(":" + port)) {
        circuits.put(stream.stream().text(), stream.circuit());
      }
    }
    return circuits;
  }

  @ParameterizedTest
  @EnumSource
  void aNodeWithAnotherKeyIsToldNothing(Way way) throws IOException {
    var other = TransportIdentity.bornIn(memory);
    try (var node = served(way)) {
      assertThatThrownBy(() -> open(new NodeAddress(node.address().reach(), other.pin())))
          .isInstanceOf(SSLHandshakeException.class);
      assertThat(node.ledger().tally(NodeCounter.SERVED).get()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNodeThatIsGoneIsNoticed(Way way) throws IOException {
    var node = served(way);
    try (var channel = open(node.address())) {
      assertThat(Echo.of(channel, "anything")).isEqualTo("anything");
      node.close();
      assertThatThrownBy(
              () -> {
                while (channel.read(ByteBuffer.allocate(1)) >= 0) {
                  // Nothing was asked for.
                }
                throw new AssertionError("an end as if the node had said so");
              })
          .isInstanceOf(IOException.class);
    }
  }

  /** The circuit ends at the relay, as it did; and there the relay's policy decides. */
  @Test
  void aRelayLetsOutToNoOtherPort() throws IOException {
    try (var node = served(Way.EXIT)) {
      var exit = (NodeAddress.Exit) node.address().reach();
      var beside = new NodeAddress.Exit(exit.relay(), exit.port() - 1);
      assertThatThrownBy(() -> open(new NodeAddress(beside, identity.pin())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("EXITPOLICY");
      open(node.address()).close();
    }
  }

  @Test
  void aRelayThatIsNotThereIsRefusedByName() {
    var nobody = new NodeAddress.Exit(new Fingerprint("0".repeat(40)), 443);
    assertThatThrownBy(() -> open(new NodeAddress(nobody, identity.pin())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EXTENDCIRCUIT");
  }

  @Test
  void anExitIsLeftAlone(PrivateTorNetwork network) throws IOException {
    try (var control = network.nodes(TorRole.EXIT).getFirst().control()) {
      var before = control.getInfo("config-text");
      var plan = BentoNode.serving(Echo::serve, identity).throughOwnRelay(control, SOON);
      assertThatThrownBy(plan::open).hasMessageContaining("is an exit already");
      assertThat(control.getInfo("config-text")).isEqualTo(before);
    }
  }

  /** While a circuit is steered, tor's other streams wait for a command. */
  @Test
  void theOtherStreamsOfTheSameTorGoOn() throws Exception {
    try (var exit = served(Way.EXIT);
        var onion =
            BentoNode.serving(Echo::serve, identity).asOnionService(relayControl, SOON).open()) {
      executor.execute(() -> onion.serve(executor));
      var others = new ArrayList<Future<String>>();
      for (var i = 0; i < PHASES; i++) {
        others.add(executor.submit(() -> said(onion.address())));
        assertThat(said(exit.address())).isEqualTo("anything");
      }
      for (var other : others) {
        assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo("anything");
      }
    }
  }

  private String said(NodeAddress address) throws IOException {
    try (var channel = open(address)) {
      return Echo.of(channel, "anything");
    }
  }
}
