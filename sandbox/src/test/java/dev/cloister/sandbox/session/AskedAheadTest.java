package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.sandbox.runtime.CellApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are asked for before those that come before them are here. */
@Timeout(60)
final class AskedAheadTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  private final List<WatchedChannel> channels = new ArrayList<>();
  private Node node;
  private RemoteCell cell;

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException {
    node = new Node(directory.resolve("cells"), ServerLimits.defaults(), AskedAheadTest::count);
    try (var started = node.running();
        var grant = started.grant()) {
      var client =
          CellClient.over(
              _ -> {
                channels.add(WatchedChannel.over(node.dial()));
                return channels.getLast();
              },
              "here");
      cell = client.open(grant);
    }
  }

  @AfterEach
  void end() throws IOException {
    cell.close();
    node.close();
  }

  /** Answers a message with as many as it says. */
  private static void count(byte[] code, CellApi api) throws Exception {
    while (true) {
      var most = Integer.parseInt(new String(api.receive(Node.LONG).orElseThrow(), UTF_8));
      for (var i = 0; i < most; i++) {
        api.send(Integer.toString(i).getBytes(UTF_8));
      }
    }
  }

  private void have(int messages) throws IOException {
    cell.send(Integer.toString(messages).getBytes(UTF_8));
  }

  private String said(Duration atMost) throws IOException {
    return cell.receive(atMost).map(message -> new String(message.bytes(), UTF_8)).orElse("none");
  }

  @Test
  void theyComeInTheirOrderAndNothingIsAskedAgain() throws IOException {
    cell.askAhead(3, Node.LONG);
    var asked = channels.getFirst().written.size();
    have(3);
    for (var i = 0; i < 3; i++) {
      assertThat(said(Node.LONG)).isEqualTo(Integer.toString(i));
    }
    assertThat(channels.getFirst().written.size()).isEqualTo(asked);
    have(1);
    assertThat(said(Node.LONG)).isEqualTo("0");
    assertThat(channels.getFirst().written.size()).isGreaterThan(asked);
  }

  @Test
  void oneThatDidNotComeInTimeIsAskedForAgain() throws IOException {
    cell.askAhead(2, SHORT);
    assertThat(said(SHORT)).isEqualTo("none");
    have(1);
    assertThat(said(Node.LONG)).isEqualTo("0");
  }

  @Test
  void theyAreWaitedForAsLongAsTheReceiverSays() throws IOException {
    cell.askAhead(1, Node.LONG);
    var began = System.nanoTime();
    assertThat(said(SHORT)).isEqualTo("none");
    assertThat(System.nanoTime() - began).isLessThan(Node.LONG.toNanos());
    have(1);
    assertThat(said(Node.LONG)).isEqualTo("0");
  }

  @Test
  void whatElseIsAskedLosesNone() throws IOException {
    have(2);
    cell.askAhead(2, Node.LONG);
    assertThat(said(Node.LONG)).isEqualTo("0");
    assertThat(cell.status().ending()).isEmpty();
    assertThat(cell.poll()).isTrue();
    assertThat(said(Node.LONG)).isEqualTo("1");
    assertThat(cell.poll()).isFalse();
  }

  @Test
  void leavingLosesNone() throws IOException {
    have(2);
    cell.askAhead(2, Node.LONG);
    cell.detach();
    assertThat(said(Node.LONG)).isEqualTo("0");
    cell.askAhead(1, Node.LONG);
    try (var grant = cell.grant();
        var elsewhere = node.client().open(grant)) {
      assertThat(elsewhere.receive(Node.LONG).orElseThrow().bytes()).isEqualTo(new byte[] {'1'});
    }
  }
}
