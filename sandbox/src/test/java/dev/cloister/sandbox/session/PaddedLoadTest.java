package dev.cloister.sandbox.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a load's size tells is one of six numbers. */
final class PaddedLoadTest {
  private static final int HEAD_BYTES = LoadBuckets.LARGEST_BYTES - RemoteCell.LOAD_BYTES_MAX;

  @TempDir private Path directory;

  private Node node() throws IOException {
    return new Node(
        directory.resolve("cells"),
        ServerLimits.defaults(),
        (_, api) -> api.send(new byte[] {(byte) api.get("data").orElseThrow().length}));
  }

  /** What a client writes to load so many bytes of data. */
  private static int written(Node node, int dataBytes) throws IOException {
    var channels = new ArrayList<WatchedChannel>();
    try (var cell = node.client().admit(Node.manifest()).start();
        var grant = cell.grant();
        var recorded =
            CellClient.over(
                    _ -> {
                      channels.add(WatchedChannel.over(node.dial()));
                      return channels.getLast();
                    },
                    "here")
                .open(grant)) {
      recorded.load(Node.CODE, new byte[dataBytes]);
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).containsExactly(dataBytes);
      cell.shutdown();
    }
    assertThat(channels).hasSize(1);
    return channels.getFirst().written.size();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 16384",
    "1, 16384",
    "FULL, 16384",
    "OVER, 65536",
    "65000, 65536",
    "70000, 262144",
    "300000, 1048576",
    "2000000, 4194304",
    "5000000, 16777216"
  })
  void loadsOfOneBucketHaveOneSizeOnTheWire(String data, int bucket) throws IOException {
    var full = LoadBuckets.SMALLEST_BYTES - HEAD_BYTES - Node.CODE.length;
    var dataBytes =
        switch (data) {
          case "FULL" -> full;
          case "OVER" -> full + 1;
          default -> Integer.parseInt(data);
        };
    try (var node = node()) {
      var hello = Wire.hello().bytes().length;
      assertThat(written(node, dataBytes)).isEqualTo(hello + Frames.HEAD_BYTES + bucket);
    }
  }

  @Test
  void whatNoBucketHoldsIsNotSent() throws IOException {
    try (var node = node();
        var cell = node.client().admit(Node.manifest()).start()) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> cell.load(Node.CODE, new byte[RemoteCell.LOAD_BYTES_MAX]))
          .withMessageContaining("allowed are " + RemoteCell.LOAD_BYTES_MAX);
      assertThat(node.counted(SessionCounter.REQUESTS)).isEqualTo(2);
    }
  }

  @Test
  void aNodeThatTakesLessIsNotSentMore() throws IOException {
    var limits = ServerLimits.defaults().frameBytes(1 << 16);
    try (var node = new Node(directory.resolve("cells"), limits, (_, _) -> {});
        var cell = node.client().admit(Node.manifest()).start()) {
      assertThatIOException()
          .isThrownBy(() -> cell.load(Node.CODE, new byte[20_000]))
          .withMessageContaining("65536");
      cell.load(Node.CODE, new byte[10_000]);
    }
  }

  /** A size that is none, and padding that is not zeros. */
  @ParameterizedTest
  @ValueSource(strings = {"16383", "16385", "1000", "16384 and a one"})
  void whatIsNotPaddedAsItMustBeIsRefused(String how) throws IOException {
    try (var node = node();
        var cell = node.client().admit(Node.manifest()).start()) {
      var size = Integer.parseInt(how.split(" ", -1)[0]);
      var ones = how.endsWith("one") ? new byte[] {1} : new byte[0];
      var load =
          Wire.shown(Wire.token(cell))
              .u32(Node.CODE.length)
              .u32(0)
              .bytes(Node.CODE)
              .paddedTo(size - ones.length)
              .bytes(ones);
      node.server.serve(new ScriptedChannel(Wire.hello().frame(Ask.LOAD.type, load).bytes()));
      assertThat(node.counted(SessionCounter.MALFORMED)).isEqualTo(1);
      cell.load(Node.CODE, new byte[0]);
    }
  }
}
