package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.CloisterException;
import dev.cloister.core.Description;
import dev.cloister.core.policy.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong says nothing of tokens and code, on either side and on the wire. */
final class SecrecyTest {
  private static final byte[] CODE =
      "planted: 8c1f2e0d-code-that-nobody-else-has".repeat(4).getBytes(UTF_8);
  private static final int TRIES = 2000;
  private static final long SEED = 20_260_106;

  @TempDir private Path directory;
  private final StringWriter said = new StringWriter();

  private static Manifest manifest() {
    var text = new String(Node.manifest().document().bytes(), UTF_8);
    return Manifest.parse(
        "manifest.yaml",
        text.replace(Description.sha256Hex(Node.CODE), Description.sha256Hex(CODE)));
  }

  /** Writes down all that an exception says, with its causes and places. */
  private void keep(Exception e) {
    e.printStackTrace(new PrintWriter(said, true));
  }

  private static boolean holds(String text, byte[] secret) {
    return text.contains(new String(secret, ISO_8859_1))
        || text.contains(new String(secret, UTF_8))
        || text.contains(HexFormat.of().formatHex(secret))
        || text.contains(Base64.getEncoder().encodeToString(secret))
        || text.contains(Base64.getUrlEncoder().encodeToString(secret))
        || text.contains(Arrays.toString(secret));
  }

  @Test
  void noTokenOrCodeStandsInAnErrorOrACounter() throws IOException {
    try (var node = new Node(directory.resolve("cells"), ServerLimits.defaults(), (_, _) -> {});
        var cell = node.client().admit(manifest()).start()) {
      var token = Wire.token(cell);
      fail(cell);
      breakOff(node, cell);
      var wire = flipLoads(node, token);
      said.append(cell.toString()).append(cell.grant().toString());
      said.append(node.server.ledger().counters().toString())
          .append(node.host.ledger().counters().toString());
      var text = said.toString();
      assertThat(text).contains("codeDigest").contains("broke");
      assertThat(holds(text, Arrays.copyOf(token, 16))).isFalse();
      assertThat(holds(text, Arrays.copyOfRange(token, 16, token.length))).isFalse();
      assertThat(holds(text, CODE)).isFalse();
      assertThat(text).doesNotContain("8c1f2e0d");
      assertThat(wire).doesNotContain("8c1f2e0d").doesNotContain("at dev.cloister");
      assertThat(holds(wire, Arrays.copyOfRange(token, 16, token.length))).isFalse();
    }
  }

  private void fail(RemoteCell cell) {
    var wrong = CODE.clone();
    wrong[wrong.length - 1]++;
    for (var code : new byte[][] {wrong, CODE, CODE}) {
      try {
        cell.load(code, code);
      } catch (IOException | CloisterException e) {
        keep(e);
      }
    }
  }

  /** Ways that break at every byte of an answer. */
  private void breakOff(Node node, RemoteCell cell) throws IOException {
    try (var grant = cell.grant()) {
      for (var bytes = 0; bytes < 60; bytes++) {
        var left = bytes;
        var client = CellClient.over(_ -> WatchedChannel.breakingAfter(left, node.dial()), "here");
        try (var breaking = client.open(grant)) {
          breaking.load(CODE, CODE);
        } catch (IOException | CloisterException e) {
          keep(e);
        }
      }
    }
  }

  /** What a server says to loads of which a byte is another. */
  private static String flipLoads(Node node, byte[] token) {
    var random = new Random(SEED);
    var wire = new StringBuilder();
    for (var i = 0; i < TRIES; i++) {
      var load =
          Wire.shown(token)
              .u32(CODE.length)
              .u32(0)
              .bytes(CODE)
              .paddedTo(LoadBuckets.SMALLEST_BYTES);
      var said = Wire.hello().frame(Ask.LOAD.type, load).bytes();
      said[random.nextInt(400)] ^= (byte) (1 << random.nextInt(8));
      var channel = new ScriptedChannel(said);
      node.server.serve(channel);
      wire.append(channel.written.toString(ISO_8859_1));
    }
    return wire.toString();
  }
}
