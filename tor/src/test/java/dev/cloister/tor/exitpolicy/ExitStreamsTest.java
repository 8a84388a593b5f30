package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real exit, whose policy is set as it runs, lets pass and refuses what ours decides: 6 policies
 * unless {@code -Dcloister.policies=N} says more, up to 13.
 */
@Timeout(300)
final class ExitStreamsTest {
  /** Its own: a client goes on asking for the exit's descriptors for a while. */
  @RegisterExtension
  static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape()).forOneClass();

  private static final int POLICIES = Math.min(13, Integer.getInteger("cloister.policies", 6));
  private static final int STREAMS = 26;
  private static final List<String> ADDRESSES =
      List.of("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.5", "127.9.0.1", "::1");
  private static final String[] NETWORKS = {
    "*",
    "*4",
    "*6",
    "private",
    "127.0.0.0/30",
    "127.0.0.2/31",
    "127.0.0.5",
    "127.0.0.0/255.0.0.0",
    "[::1]",
    "[::]/127",
    "[::2]/127",
    "[::]/8",
    "::/64"
  };

  private final List<ServerSocket> servers = new ArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    for (var i = 0; i < 6; i++) {
      // Of both families and every address; what connects waits there until the end.
      servers.add(new ServerSocket(0, POLICIES * STREAMS));
    }
  }

  @AfterEach
  void close() throws IOException {
    for (var server : servers) {
      server.close();
    }
  }

  private List<Integer> ports() {
    return servers.stream().map(ServerSocket::getLocalPort).sorted().toList();
  }

  private static <T> T pick(Random random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private List<String> policy(Random random) {
    var lines = new ArrayList<String>();
    for (var i = 3 + random.nextInt(6); i > 0; i--) {
      var verb = random.nextBoolean() ? "accept" : "reject";
      var network = NETWORKS[random.nextInt(NETWORKS.length)];
      var six = network.startsWith("[") && random.nextBoolean() ? "6 " : " ";
      lines.add(verb + six + network + ":" + ports(random));
    }
    lines.add(random.nextBoolean() ? "accept *:*" : "reject *:*");
    return lines;
  }

  private String ports(Random random) {
    var one = pick(random, ports());
    var other = pick(random, ports());
    return switch (random.nextInt(4)) {
      case 0 -> "*";
      case 1 -> one.toString();
      default -> Math.min(one, other) + "-" + Math.max(one, other);
    };
  }

  @Test
  void eachStreamIsLetOutOrRefusedAsWeDecide(PrivateTorNetwork network) throws IOException {
    var seed = new Random().nextLong();
    var random = new Random(seed);
    var options = RelayOptions.STANDARD.withIpv6Exit(true).withRejectPrivate(false);
    var connected = 0;
    var ipv6 = 0;
    try (var streams = ExitStreams.open(network)) {
      for (var i = 0; i < POLICIES; i++) {
        var lines = policy(random);
        var policy = ExitPolicy.configured("torrc", lines, options);
        streams.set(lines, policy);
        for (var j = 0; j < STREAMS; j++) {
          var address = j % 3 == 0 ? "::1" : pick(random, ADDRESSES);
          var to = new InetSocketAddress(InetAddress.ofLiteral(address), pick(random, ports()));
          var decision = policy.decide(to.getAddress(), to.getPort());
          assertThat(streams.connect(to))
              .as("seed %d: %s by %s of %s", seed, to, decision, lines)
              .isEqualTo(decision.accepted() ? "connected" : "EXITPOLICY");
          connected += decision.accepted() ? 1 : 0;
          ipv6 += address.equals("::1") ? 1 : 0;
        }
      }
    }
    assertThat(connected).as("seed %d", seed).isBetween(1, POLICIES * STREAMS - 1);
    assertThat(ipv6).isGreaterThan(POLICIES * STREAMS / 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::"})
  void theUnspecifiedAddressIsNotReachedThroughAnExitThatAcceptsAll(
      String address, PrivateTorNetwork network) throws IOException {
    var lines = List.of("accept *:*");
    var policy =
        ExitPolicy.configured(
            "torrc", lines, RelayOptions.STANDARD.withIpv6Exit(true).withRejectPrivate(false));
    var to = new InetSocketAddress(InetAddress.ofLiteral(address), ports().getFirst());
    assertThat(policy.decide(to.getAddress(), to.getPort()).accepted()).isFalse();
    try (var streams = ExitStreams.open(network)) {
      streams.set(lines, policy);
      assertThat(streams.connect(to)).isNotEqualTo("connected");
    }
  }
}
