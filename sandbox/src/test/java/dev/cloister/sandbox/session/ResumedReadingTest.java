package dev.cloister.sandbox.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.sandbox.runtime.CellApi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client whose way breaks again and again reads on where it was, byte for byte. */
final class ResumedReadingTest {
  private static final int STREAM_BYTES = 3_000_000;
  private static final int BREAK_BYTES_MOST = 5000;
  private static final int DETACHMENTS_LEAST = 1000;
  private static final long SEED = 20_260_103;

  @TempDir private Path directory;

  /** Sends its data in pieces of 0 to 2,046 bytes. */
  private static void sendInPieces(byte[] code, CellApi api) throws Exception {
    var data = api.get("data").orElseThrow();
    var random = new Random(SEED);
    for (var at = 0; at < data.length; ) {
      var end = Math.min(data.length, at + random.nextInt(2047));
      api.send(Arrays.copyOfRange(data, at, end));
      at = end;
    }
  }

  private static byte[] stream() {
    var stream = new byte[STREAM_BYTES];
    new Random(SEED).nextBytes(stream);
    return stream;
  }

  private Node node() throws IOException {
    return new Node(
        directory.resolve("cells"), ServerLimits.defaults(), ResumedReadingTest::sendInPieces);
  }

  /** Reads all over ways that break, now and then from a grant that was written down. */
  private static void readsAll(Node node, Dialer whole) throws IOException {
    var random = new Random(SEED);
    var detachments = new AtomicInteger();
    var client =
        CellClient.over(
            timeout -> {
              detachments.incrementAndGet();
              var bytes = random.nextInt(BREAK_BYTES_MOST);
              return WatchedChannel.breakingAfter(bytes, whole.open(timeout));
            },
            "here");
    var got = new ByteArrayOutputStream();
    try (var started = node.running(stream());
        var first = started.grant()) {
      var cell = client.open(first);
      while (!cell.isAtEnd()) {
        try {
          if (random.nextBoolean()) {
            cell.askAhead(1 + random.nextInt(3), Node.LONG);
          }
          cell.receive(Node.LONG).ifPresent(message -> got.writeBytes(message.bytes()));
        } catch (IOException _) {
          // The way broke while it was opened, or where it may not be tried again.
        }
        switch (random.nextInt(20)) {
          case 0 -> cell.detach();
          case 1 -> cell = reopened(client, cell);
          default -> {}
        }
      }
      cell.close();
    }
    assertThat(got.toByteArray()).as("with seed %d", SEED).isEqualTo(stream());
    assertThat(detachments.get()).isGreaterThan(DETACHMENTS_LEAST);
    node.assertThatCountersAddUp();
  }

  private static RemoteCell reopened(CellClient client, RemoteCell cell) {
    try (cell;
        var grant = cell.grant();
        var read = RemoteGrant.parse(grant.bytes(SecretAccess.granted()))) {
      return client.open(read);
    }
  }

  @Test
  void aThousandBrokenWaysLoseAndRepeatNothing() throws IOException {
    try (var node = node()) {
      readsAll(node, _ -> node.dial());
    }
  }

  @Test
  void norDoBrokenSockets() throws IOException {
    try (var node = node();
        var listener = new Listener(node.server)) {
      readsAll(node, _ -> listener.dial());
    }
  }
}
