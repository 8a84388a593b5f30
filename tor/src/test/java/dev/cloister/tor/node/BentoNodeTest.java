package dev.cloister.tor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node and its clients on this host, with no tor between. */
@Timeout(60)
final class BentoNodeTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final NodeLimits FEW = new NodeLimits(4, 2, SOON);

  private final SecretMemory memory = SecretMemory.onHeap(256);
  private final TransportIdentity identity = TransportIdentity.bornIn(memory);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final BentoClient client = BentoClient.onLoopback(TimeSource.system());
  private final List<BentoNode> nodes = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var node : nodes) {
      node.close();
    }
    executor.shutdown();
    assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    memory.close();
  }

  private BentoNode served(BentoNodePlan plan) throws IOException {
    var node = plan.open();
    nodes.add(node);
    executor.execute(() -> node.serve(executor));
    return node;
  }

  private BentoNode echo() throws IOException {
    return served(BentoNode.serving(Echo::serve, identity).limits(FEW));
  }

  private CellChannel open(NodeAddress address) throws IOException {
    return client.dialer(address).open(SOON);
  }

  private static long count(BentoNode node, NodeCounter counter) {
    return node.ledger().tally(counter).get();
  }

  /** Waits for what a node counts in a thread of its own. */
  private static void awaitCount(BentoNode node, NodeCounter counter, long count)
      throws InterruptedException {
    while (count(node, counter) != count) {
      Thread.sleep(5);
    }
  }

  @Test
  void aClientWithTheAddressIsServed() throws Exception {
    var node = echo();
    assertThat(node.settings()).isEmpty();
    assertThat(node.address().reach()).isInstanceOf(NodeAddress.Loopback.class);
    try (var channel = open(NodeAddress.parse(node.address().text()))) {
      assertThat(Echo.of(channel, "anything")).isEqualTo("anything");
    }
    awaitCount(node, NodeCounter.SERVED, 1);
    assertThat(count(node, NodeCounter.LIVING)).isZero();
  }

  @Test
  void aClientOfAnotherKeyIsServedNothing() throws Exception {
    var node = echo();
    var other = TransportIdentity.bornIn(memory);
    assertThatThrownBy(() -> open(new NodeAddress(node.address().reach(), other.pin())))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining(identity.pin().hex());
    awaitCount(node, NodeCounter.NOT_SECURED, 1);
    assertThat(count(node, NodeCounter.SERVED)).isZero();
  }

  private Socket silent(BentoNode node) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), node.address().reach().port());
  }

  @Test
  void silentClientsKeepNobodyOut() throws Exception {
    var node = echo();
    try (var first = silent(node);
        var second = silent(node)) {
      awaitCount(node, NodeCounter.LIVING, 2);
      try (var channel = open(node.address())) {
        assertThat(Echo.of(channel, "anything")).isEqualTo("anything");
      }
      assertThat(first.getInputStream().read()).isEqualTo(-1);
      assertThat(second.isConnected()).isTrue();
    }
    awaitCount(node, NodeCounter.LIVING, 0);
    assertThat(count(node, NodeCounter.CROWDED_OUT)).isEqualTo(1);
  }

  @Test
  void thereAreNoMoreConnectionsThanAllowed() throws Exception {
    var node = served(BentoNode.serving(Echo::serve, identity).limits(new NodeLimits(4, 4, SOON)));
    var open = new ArrayList<CellChannel>();
    for (var i = 0; i < FEW.connections(); i++) {
      open.add(open(node.address()));
    }
    assertThatThrownBy(() -> open(node.address())).isInstanceOf(IOException.class);
    assertThat(count(node, NodeCounter.NO_ROOM)).isEqualTo(1);
    for (var channel : open) {
      assertThat(Echo.of(channel, "anything")).isEqualTo("anything");
      channel.close();
    }
    awaitCount(node, NodeCounter.SERVED, FEW.connections());
  }

  @Test
  void aClosedNodeEndsItsConnectionsAndListensNoMore() throws Exception {
    var node = echo();
    try (var channel = open(node.address())) {
      node.close();
      node.close();
      assertThatThrownBy(() -> Echo.of(channel, "anything")).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> open(node.address())).isInstanceOf(ConnectException.class);
    assertThat(count(node, NodeCounter.CLOSED)).isEqualTo(1);
  }

  @Test
  void aServiceThatFailsCostsItsClientAlone() throws Exception {
    var node =
        served(
            BentoNode.serving(
                channel -> {
                  throw new IllegalStateException("as bad as can be");
                },
                identity));
    open(node.address()).close();
    open(node.address()).close();
    awaitCount(node, NodeCounter.SERVED, 2);
  }

  @Test
  void aClientOfTorGoesToNoNodeOfThisHostAndTheOtherWayRound() throws IOException {
    var address = echo().address();
    var through =
        BentoClient.through(
            (to, _, _) -> {
              throw new AssertionError("a stream to " + to);
            },
            TimeSource.system());
    assertThatThrownBy(() -> through.dialer(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("makes no direct connection");
    var exit =
        NodeAddress.parse(
            "exit:0123456789ABCDEF0123456789ABCDEF01234567:1/" + identity.pin().hex());
    assertThatThrownBy(() -> through.dialer(exit)).hasMessageContaining("give it a control port");
    assertThatThrownBy(() -> client.dialer(exit)).isInstanceOf(IllegalArgumentException.class);
    var onion =
        NodeAddress.parse(
            "onion:2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:443/"
                + identity.pin().hex());
    assertThatThrownBy(() -> client.dialer(onion)).hasMessageContaining("nowhere but to this host");
  }
}
