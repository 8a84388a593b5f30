package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.onionproxy.ProxiedCells.Function;
import dev.cloister.tor.socks.SocksCounter;
import dev.cloister.tor.socks.SocksLimits;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two functions that try to get past the gate of one: to the site by another way, to the host, to
 * the relay and its control port, to each other, and through the gate to what it refuses.
 */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
final class OnionProxyAttackTest {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private static final int HALF_OPEN = 4;

  private final ServerSocket everywhere;
  private final PlainSite site;
  private final ProxiedCells cells;
  private final Function function;
  private final Map<String, String> words;

  OnionProxyAttackTest(PrivateTorNetwork network, @TempDir Path directory) throws IOException {
    everywhere = new ServerSocket(0);
    site = new PlainSite();
    var limits =
        OnionProxyLimits.standard()
            .gate(
                new SocksLimits(
                    HALF_OPEN,
                    Duration.ofSeconds(2),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                    4096));
    cells = new ProxiedCells(directory, ProxiedCells.lines(network), limits);
    function = cells.start("accept 127.0.0.1:" + site.port());
    var other = cells.start("accept 127.0.0.1:" + site.port());
    var relay = network.nodes(TorRole.RELAY).getFirst();
    words =
        Map.of(
            "SITE", Integer.toString(site.port()),
            "OPEN", Integer.toString(everywhere.getLocalPort()),
            "CONTROL", Integer.toString(relay.controlAddress().getPort()),
            "ORADDRESS", relay.orAddress().getAddress().getHostAddress(),
            "ORPORT", Integer.toString(relay.orAddress().getPort()),
            "SOCKS", Integer.toString(network.client().socksAddress().getPort()),
            "HOST6", hostIpv6(function.say("GATE[0]")),
            "HOST", ownAddress(),
            "OTHER", other.say("GATE[0]"));
  }

  /** The host's end of the function's link has the same place in both ranges. */
  private static String hostIpv6(String gate) {
    var parts = gate.split("\\.", -1);
    return "fd63:6c6f:6973::%02x%02x"
        .formatted(Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
  }

  /** An address of this machine that is not loopback, where it has one. */
  private static String ownAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .filter(each -> !each.getName().startsWith("cl"))
        .flatMap(each -> each.getInterfaceAddresses().stream())
        .map(InterfaceAddress::getAddress)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse("127.0.0.1");
  }

  private String filled(String text) {
    var filled = text;
    for (var word : words.entrySet()) {
      filled = filled.replaceAll("\\b" + word.getKey() + "\\b", word.getValue());
    }
    return filled;
  }

  @AfterAll
  void close() throws IOException {
    cells.close();
    site.close();
    everywhere.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect('127.0.0.1', SITE) | ECONNREFUSED",
        "connect(GATE[0], SITE) | ECONNREFUSED",
        "connect(GATE[0], OPEN) | ECONNREFUSED",
        "connect('HOST', OPEN) | ENETUNREACH",
        "connect('127.0.0.1', CONTROL) | ECONNREFUSED",
        "connect(GATE[0], CONTROL) | ECONNREFUSED",
        "connect('ORADDRESS', ORPORT) | ECONNREFUSED",
        "connect(GATE[0], ORPORT) | ECONNREFUSED",
        "connect(GATE[0], SOCKS) | ECONNREFUSED",
        "connect(GATE[0], 53) | ECONNREFUSED",
        "connect('OTHER', 9050) | ENETUNREACH",
        "connect('192.0.2.1', 80) | ENETUNREACH",
        "connect('2001:db8::1', 80) | ENETUNREACH",
        "connect('HOST6', OPEN) | ECONNREFUSED",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM) | PermissionError(1, 'Operation not"
            + " permitted')",
        "socket.socket(socket.AF_UNIX) | PermissionError(1, 'Operation not permitted')",
        "os.listdir('/run/netns') | FileNotFoundError(2, 'No such file or directory')",
      })
  void nothingButItsGateIsReached(String expression, String outcome) throws IOException {
    var served = site.served();
    assertThat(function.say(filled(expression))).isEqualTo(outcome);
    assertThat(site.served()).isEqualTo(served);
  }

  @Test
  void noNameIsLookedUp() throws IOException {
    assertThat(function.say("socket.getaddrinfo('example.com', 80)")).contains("gaierror");
  }

  @Test
  void nobodyElseOnTheHostReachesAGate() throws IOException {
    var gate = function.say("GATE[0]");
    assertThatThrownBy(() -> new Socket(gate, OnionProxyRuntime.GATE_PORT).close())
        .isInstanceOf(ConnectException.class);
    assertThat(function.say("code('127.0.0.1', %d)".formatted(site.port()))).isEqualTo("0");
  }

  private long refused() {
    cells.awaitNoConnection();
    return List.of(SocksCounter.NOT_ALLOWED, SocksCounter.MALFORMED, SocksCounter.UNSUPPORTED)
        .stream()
        .mapToLong(cells.runtime()::counted)
        .sum();
  }

  private long passed() {
    return cells.runtime().counted(SocksCounter.OPENED)
        + cells.runtime().counted(SocksCounter.NOT_OPENED);
  }

  @ParameterizedTest
  @CsvSource({
    "v4/127.0.0.1, OPEN, 1, 2",
    "v4/127.0.0.2, SITE, 1, 2",
    "v4/OTHER, 9050, 1, 2",
    "v4/0.0.0.0, SITE, 1, 2",
    "v6/::1, SITE, 1, 2",
    "v6/::ffff:127.0.0.2, SITE, 1, 2",
    "v6/::127.0.0.1, SITE, 1, 2",
    "v6/64:ff9b::7f00:1, SITE, 1, 2",
    "127.0.0.2, SITE, 1, 2",
    "127.0.0.1., OPEN, 1, 2",
    "127.0.0.1.., SITE, 1, 2",
    "127.1, SITE, 1, 2",
    "0x7f.1, SITE, 1, 2",
    "0x7f000001, SITE, 1, 2",
    "2130706433, SITE, 1, 2",
    "0177.0.0.1, SITE, 1, 2",
    "127.0.0.01, SITE, 1, 2",
    "[::1], SITE, 1, 2",
    "::1, SITE, 1, 2",
    "::1%lo, SITE, 1, 2",
    "localhost, SITE, 1, 2",
    "LOCALHOST., SITE, 1, 2",
    "relay0.exit, SITE, 1, 2",
    "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion, 80, 1, 2",
    "a b, SITE, 1, 2",
    "v4/127.0.0.1, SITE, 2, 7",
    "v4/127.0.0.1, SITE, 3, 7",
    "localhost, SITE, 0xf0, 7",
    "v4/127.0.0.1, SITE, 0xf1, 7",
  })
  void whatThePolicyRejectsIsRefusedBeforeItsTorHearsOfIt(
      String host, String port, String command, String answer) throws IOException {
    var refused = refused();
    var passed = passed();
    assertThat(function.say(filled("code('%s', %s, %s)".formatted(host, port, command))))
        .isEqualTo(answer);
    assertThat(refused()).isEqualTo(refused + 1);
    assertThat(passed()).isEqualTo(passed);
  }

  /** The gate judges a mapped address as the IPv4 address, and asks for that. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1.", "v4/127.0.0.1", "v6/::ffff:127.0.0.1"})
  void whatThePolicyAcceptsIsReachedHoweverItIsWritten(String host) throws IOException {
    assertThat(function.say("fetch('%s', %d)".formatted(host, site.port())))
        .endsWith(PlainSite.PAGE);
  }

  @Test
  void connectionsThatAreLeftHalfOpenEndAndTheNextIsServed() throws IOException {
    cells.awaitNoConnection();
    var full = cells.runtime().counted(SocksCounter.NO_ROOM);
    var late = cells.runtime().counted(SocksCounter.LATE);
    assertThat(function.say("len(flood := [gate() for _ in range(20)])")).isEqualTo("20");
    assertThat(function.say("sum(1 for peer in flood if not peer.recv(1))")).isEqualTo("20");
    assertThat(cells.runtime().counted(SocksCounter.NO_ROOM)).isEqualTo(full + 20 - HALF_OPEN);
    assertThat(cells.runtime().counted(SocksCounter.LATE)).isEqualTo(late + HALF_OPEN);
    assertThat(function.say("fetch('127.0.0.1', %d)".formatted(site.port())))
        .endsWith(PlainSite.PAGE);
  }
}
