package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.CloisterException;
import dev.cloister.core.token.Terms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever byte of a conversation is another or the last, both sides survive it. */
final class FlippedBytesTest {
  private static final int[] FLIPS = {0x01, 0x80, 0xff};

  /** Of a padded load every byte up to here is tried, and then one in so many. */
  private static final int EVERY_BYTE_TO = 400;

  private static final int STEP = 331;

  private static final byte[] NONCE = new byte[CellClient.EVIDENCE_NONCE_BYTES];

  /** What a client does in one phase. */
  @FunctionalInterface
  interface Use {
    void of(RemoteCell cell, CellClient client) throws IOException;
  }

  /** The phases of a client. */
  enum Phase {
    POLICY((_, client) -> client.policy()),
    EVIDENCE((_, client) -> client.evidence(NONCE)),
    START((_, client) -> client.admit(Node.manifest()).start().close()),
    CALL((cell, _) -> cell.call("m".getBytes(UTF_8), Duration.ofSeconds(5))),
    SEND((cell, _) -> cell.send("m".getBytes(UTF_8))),
    RECEIVE((cell, _) -> cell.receive(Duration.ofMillis(1))),
    POLL((cell, _) -> cell.poll()),
    STATUS((cell, _) -> cell.status()),
    DELEGATE((cell, _) -> cell.delegate(Terms.lasting(Duration.ofMinutes(1))).close()),
    END_INPUT((cell, _) -> cell.endInput()),
    SHUTDOWN((cell, _) -> cell.shutdown());

    @SuppressWarnings("ImmutableEnumChecker") // none keeps anything
    private final Use use;

    Phase(Use use) {
      this.use = use;
    }
  }

  @TempDir private Path directory;

  private Node node() throws IOException {
    var limits = ServerLimits.defaults().longestWait(Duration.ofMillis(50));
    return new Node(directory.resolve("cells"), limits, Node::echo);
  }

  /** What a node answers in one phase, channel after channel. */
  private static List<byte[]> answers(Node node, Phase phase) throws IOException {
    var channels = new ArrayList<WatchedChannel>();
    var client =
        CellClient.over(
            _ -> {
              channels.add(WatchedChannel.over(node.dial()));
              return channels.getLast();
            },
            "here");
    try (var cell = node.running(new byte[0]);
        var grant = cell.grant();
        var recorded = client.open(grant)) {
      phase.use.of(recorded, client);
    }
    return channels.stream().map(channel -> channel.read.toByteArray()).toList();
  }

  private static void replay(List<byte[]> answers, Phase phase, RemoteGrant grant) {
    var left = new ArrayList<>(answers);
    var client =
        CellClient.over(
                _ -> {
                  if (left.isEmpty()) {
                    throw new IOException("the node is gone");
                  }
                  return new ScriptedChannel(left.removeFirst());
                },
                "here")
            .limits(ClientLimits.defaults().answer(Duration.ofSeconds(5)));
    try (var cell = client.open(grant)) {
      phase.use.of(cell, client);
    } catch (IOException | CloisterException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(40_000);
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void aClientSurvivesEveryAnswerThatIsCutOrFlipped(Phase phase) throws IOException {
    List<byte[]> answers;
    RemoteGrant grant;
    try (var node = node()) {
      answers = answers(node, phase);
      grant = node.running(new byte[0]).grant();
    }
    for (var which = 0; which < answers.size(); which++) {
      for (var at = 0; at < answers.get(which).length; at++) {
        replay(with(answers, which, Arrays.copyOf(answers.get(which), at)), phase, grant);
        for (var flip : FLIPS) {
          replay(with(answers, which, flipped(answers.get(which), at, flip)), phase, grant);
        }
      }
    }
  }

  private static List<byte[]> with(List<byte[]> all, int which, byte[] other) {
    var changed = new ArrayList<>(all);
    changed.set(which, other);
    return changed;
  }

  private static byte[] flipped(byte[] bytes, int at, int flip) {
    var changed = bytes.clone();
    changed[at] ^= (byte) flip;
    return changed;
  }

  @Test
  void aServerSurvivesEveryRequestThatIsCutOrFlipped() throws Exception {
    try (var node = node();
        var cell = node.running(new byte[0])) {
      var token = Wire.token(cell);
      for (var ask : EnumSet.complementOf(EnumSet.of(Ask.END_INPUT))) {
        var length = conversation(ask, token).length;
        for (var at = 0; at < length; at += at < EVERY_BYTE_TO ? 1 : STEP) {
          serve(node, Arrays.copyOf(conversation(ask, token), at));
          serve(node, flipped(conversation(ask, token), at, FLIPS[at % FLIPS.length]));
        }
      }
      assertThat(node.client().policy().images()).containsExactly("java");
      node.assertThatCountersAddUp();
    }
  }

  /** A hello, what the request needs before it, and the request; each token is shown afresh. */
  private static byte[] conversation(Ask ask, byte[] token) {
    var wire = Wire.hello();
    if (ask == Ask.RECEIVE || ask == Ask.POLL || ask == Ask.STATUS) {
      wire.frame(Ask.ATTACH.type, Wire.fields(Ask.ATTACH, token, Node.manifest()));
    }
    return wire.frame(ask.type, Wire.fields(ask, token, Node.manifest())).bytes();
  }

  private static void serve(Node node, byte[] said) {
    node.server.serve(new ScriptedChannel(said));
  }
}
