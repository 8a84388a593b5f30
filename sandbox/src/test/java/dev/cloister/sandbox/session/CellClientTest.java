package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function on another node is used as one of this process is. */
final class CellClientTest {
  @TempDir private Path directory;

  /** Answers each message by itself in capitals, and ends when no more come. */
  private static void echo(byte[] code, CellApi api) throws Exception {
    while (true) {
      var message = api.receive(Duration.ofSeconds(60));
      if (message.isEmpty()) {
        return;
      }
      api.send(new String(message.get(), UTF_8).toUpperCase(Locale.ROOT).getBytes(UTF_8));
    }
  }

  private Node node() throws IOException {
    return new Node(directory.resolve("cells"), ServerLimits.defaults(), CellClientTest::echo);
  }

  @Test
  void thePolicyIsReadAsItsAuthorWroteIt() throws IOException {
    try (var node = node()) {
      var policy = node.client().policy();
      assertThat(policy.digest()).isEqualTo(node.host.policy().digest());
      assertThat(policy.images()).containsExactly("java");
    }
  }

  @Test
  void evidenceIsNotOfferedYet() throws IOException {
    try (var node = node()) {
      assertThat(node.client().evidence(new byte[32])).isEmpty();
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> node.client().evidence(new byte[31]));
    }
  }

  @Test
  void aCallIsAnswered() throws IOException {
    try (var node = node();
        var cell = node.running(new byte[0])) {
      assertThat(cell.call("one".getBytes(UTF_8), Node.LONG)).asString(UTF_8).isEqualTo("ONE");
      assertThat(cell.call("two".getBytes(UTF_8), Node.LONG)).asString(UTF_8).isEqualTo("TWO");
    }
  }

  @Test
  void whatIsSentIsAnsweredInOrderUntilTheEnd() throws IOException {
    try (var node = node();
        var cell = node.running(new byte[0])) {
      cell.send("a".getBytes(UTF_8));
      cell.send("b".getBytes(UTF_8));
      cell.endInput();
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).asString(UTF_8).isEqualTo("A");
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).asString(UTF_8).isEqualTo("B");
      assertThat(cell.receive(Node.LONG)).isEmpty();
      assertThat(cell.isAtEnd()).isTrue();
      assertThat(cell.status().ending()).contains(Ending.exited(0));
      assertThat(cell.status().usage().bytesOut()).isEqualTo(2);
    }
  }

  @Test
  void aGrantOpensTheCellWhereItWasLeft() throws IOException {
    try (var node = node()) {
      byte[] kept;
      try (var cell = node.running(new byte[0])) {
        cell.send("a".getBytes(UTF_8));
        cell.send("b".getBytes(UTF_8));
        assertThat(cell.receive(Node.LONG)).isPresent();
        try (var grant = cell.grant()) {
          kept = grant.bytes(SecretAccess.granted());
        }
      }
      try (var grant = RemoteGrant.parse(kept);
          var cell = node.client().open(grant)) {
        assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).asString(UTF_8).isEqualTo("B");
        cell.shutdown();
        assertThatExceptionOfType(Denied.class)
            .isThrownBy(() -> cell.receive(Node.LONG))
            .extracting(Denied::rule)
            .isEqualTo("token");
      }
    }
  }

  @Test
  void aNarrowerGrantIsGoodForNoMore() throws IOException {
    try (var node = node();
        var cell = node.running(new byte[0]);
        var grant = cell.delegate(Terms.lasting(Duration.ofMinutes(1)).uses(1));
        var narrower = node.client().open(grant)) {
      assertThat(grant.canShutDown()).isFalse();
      assertThat(narrower.call("once".getBytes(UTF_8), Node.LONG))
          .asString(UTF_8)
          .isEqualTo("ONCE");
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> narrower.call("twice".getBytes(UTF_8), Node.LONG));
      assertThatExceptionOfType(Denied.class).isThrownBy(narrower::shutdown);
      assertThat(cell.call("still".getBytes(UTF_8), Node.LONG)).asString(UTF_8).isEqualTo("STILL");
    }
  }

  @Test
  void whatThePolicyDoesNotGiveIsRefusedBeforeAnythingLeaves() throws IOException {
    try (var node = node()) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> node.client().admit(Node.manifest("fetch, tor")))
          .withMessageContaining("api fetch")
          .withMessageContaining("api tor");
      assertThat(node.counted(SessionCounter.REQUESTS)).isEqualTo(1);
    }
  }

  /** Policy, start, load, what is sent, what is read, delegation, shutdown. */
  @Test
  void eachPhaseHasAChannelOfItsOwnWhichIsClosedAfterIt() throws IOException {
    var channels = new ArrayList<CellChannel>();
    try (var node = node()) {
      var client =
          CellClient.over(
              _ -> {
                channels.add(node.dial());
                return channels.getLast();
              },
              "here");
      var admitted = client.admit(Node.manifest());
      assertOpen(channels, 1, 0);
      var cell = admitted.start();
      assertOpen(channels, 2, 0);
      cell.load(Node.CODE, new byte[0]);
      assertOpen(channels, 3, 0);
      cell.send("a".getBytes(UTF_8));
      cell.call("b".getBytes(UTF_8), Node.LONG);
      cell.endInput();
      assertOpen(channels, 4, 1);
      while (!cell.isAtEnd()) {
        cell.receive(Node.LONG);
      }
      assertThat(cell.poll()).isFalse();
      assertThat(cell.status().ending()).isPresent();
      assertOpen(channels, 5, 2);
      cell.delegate(Terms.lasting(Duration.ofMinutes(1))).close();
      assertOpen(channels, 6, 2);
      cell.shutdown();
      assertOpen(channels, 7, 0);
    }
  }

  private static void assertOpen(List<CellChannel> channels, int all, int open) {
    assertThat(channels).hasSize(all);
    assertThat(channels.stream().filter(CellChannel::isOpen)).hasSize(open);
  }

  @Test
  void aMessageLargerThanABufferArrivesWhole() throws IOException {
    var message = new byte[5_000_000];
    Arrays.fill(message, (byte) 'x');
    try (var node = node();
        var cell = node.running(new byte[3_000_000])) {
      var answer = cell.call(message, Node.LONG);
      assertThat(answer).hasSize(message.length).containsOnly('X');
    }
  }
}
