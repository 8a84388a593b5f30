package dev.cloister.tor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.Setting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a network that is ready does, as its users see it. */
@Timeout(120)
final class PrivateTorNetworkTest {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aStreamReachesAServerOfThisMachineOverThreeHops(String address, PrivateTorNetwork network)
      throws IOException {
    try (var route = OnionRoute.open(network.client(), address)) {
      assertThat(route.hops())
          .hasSize(3)
          .doesNotHaveDuplicates()
          .endsWith(network.nodes(TorRole.EXIT).getFirst().fingerprint());
      assertThat(route.get("a page")).isEqualTo("HTTP/1.0 200 OK\r\n\r\na page");
    }
  }

  @Test
  void everyRelayIsInTheConsensusThatTheClientHas(PrivateTorNetwork network) throws IOException {
    var expected = new HashSet<Fingerprint>();
    for (var node : network.nodes()) {
      if (node.role().relays()) {
        expected.add(node.fingerprint());
      }
    }
    try (var control = network.client().control()) {
      for (var relay : expected) {
        assertThat(control.getInfo("ns/id/" + relay)).contains(" Running ");
      }
    }
    assertThat(expected).hasSize(4);
  }

  @Test
  void portsLieBelowThoseOfOutgoingConnections(PrivateTorNetwork network) throws IOException {
    var first = HeldPorts.firstEphemeral();
    var addresses = new HashSet<InetSocketAddress>();
    for (var node : network.nodes()) {
      assertThat(node.controlAddress().getPort()).isBetween(10_000, first - 1);
      assertThat(addresses.add(node.controlAddress())).isTrue();
      if (node.role().relays()) {
        assertThat(node.orAddress().getPort()).isBetween(10_000, first - 1);
        assertThat(node.orAddress().getAddress().isLoopbackAddress()).isTrue();
      }
    }
    assertThat(network.client().socksAddress().getPort()).isBetween(10_000, first - 1);
  }

  @ParameterizedTest
  @EnumSource
  void eachNodesControlPortTakesItsCookieAndItsFilesAreItsUsersAlone(
      TorRole role, PrivateTorNetwork network) throws IOException {
    var node = network.nodes(role).getFirst();
    try (var control = node.control()) {
      assertThat(control.getInfo("process/pid")).isEqualTo(Long.toString(node.pid()));
      assertThat(control.getInfo("config-file")).isEqualTo(node.torrc().toString());
    }
    assertThat(node.cookie()).hasSize(32);
    assertThat(Files.getPosixFilePermissions(node.directory()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(node.log()).content().contains("Bootstrapped ");
  }

  @Test
  void nodesHaveNoAddressForWhatTheyAreNot(PrivateTorNetwork network) {
    var client = network.client();
    assertThatIllegalStateException()
        .isThrownBy(client::fingerprint)
        .withMessage("node client0: a client is not a relay");
    assertThatIllegalStateException()
        .isThrownBy(network.nodes(TorRole.RELAY).getFirst()::socksAddress)
        .withMessage("node relay0: only a client has a SOCKS port");
  }

  @Test
  void aLargerNetworkWithAnOptionOfItsOwnIsReadyToo(@TempDir Path directory) throws IOException {
    var shape =
        PrivateTorNetwork.shape()
            .authorities(3)
            .relays(4)
            .exits(2)
            .option("ConfluxEnabled 0")
            .option(TorRole.EXIT, "ExitPolicy reject *:1-1023")
            .option(TorRole.EXIT, "ExitPolicy accept *:*");
    try (var network = shape.startIn(directory);
        var route = OnionRoute.open(network.client(), "127.0.0.1");
        var control = network.client().control()) {
      assertThat(network.nodes()).hasSize(10);
      assertThat(network.nodes(TorRole.EXIT))
          .extracting(TorNode::fingerprint)
          .contains(route.hops().getLast());
      assertThat(network.relaysButGuardsOf(network.client()))
          .extracting(TorNode::fingerprint)
          .doesNotContain(route.hops().getFirst());
      assertThat(control.getConf("EntryNodes").getFirst().value())
          .contains(route.hops().getFirst().toString());
      assertThat(control.getConf("ConfluxEnabled"))
          .containsExactly(new Setting("ConfluxEnabled", "0"));
      assertThat(control.getInfo("circuit-status")).doesNotContain("CONFLUX");
      assertThat(route.get("a page")).endsWith("a page");
    }
    assertThat(directory).isEmptyDirectory();
  }
}
