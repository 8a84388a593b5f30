package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.token.TokenCounter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks over real sockets: refused and counted, and an honest client is served meanwhile. */
final class SessionAttackTest {
  private static final int ATTACKERS = 150;
  private static final int CALLS = 100;
  private static final int GUESSES = 500;
  private static final long SEED = 20_260_105;

  /** What needs a token. */
  private static final Set<Ask> RIGHTS =
      EnumSet.of(
          Ask.LOAD, Ask.CALL, Ask.SEND, Ask.END_INPUT, Ask.ATTACH, Ask.DELEGATE, Ask.SHUT_DOWN);

  @TempDir private Path directory;

  private Node node(ServerLimits limits) throws IOException {
    return new Node(directory.resolve("cells"), limits, Node::echo);
  }

  /** What a client that attacks does with a channel, again and again. */
  @FunctionalInterface
  interface Act {
    void on(CellChannel channel, int turn) throws IOException;
  }

  /** Floods of clients that take places. */
  enum Flood {
    /** They connect, and say nothing. */
    HALF_OPEN((_, _) -> {}),
    /** They say hello byte by byte, and begin again when it is said. */
    SLOW_HELLO((channel, turn) -> say(channel, Wire.hello().bytes(), turn)),
    /** They begin the largest frame, and send it byte by byte. */
    SLOW_FRAME((channel, turn) ->
        say(
            channel,
            Wire.hello().raw(new byte[] {0, (byte) 0xff, 0, 0, 0x13, 1, 1}).bytes(),
            turn));

    @SuppressWarnings("ImmutableEnumChecker") // none keeps anything
    private final Act act;

    Flood(Act act) {
      this.act = act;
    }

    private static void say(CellChannel channel, byte[] text, int turn) throws IOException {
      channel.write(ByteBuffer.wrap(text, Math.min(turn, text.length - 1), 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Flood.class)
  void aFloodTakesNoPlaceFromWhoTalks(Flood flood) throws Exception {
    var limits = ServerLimits.defaults().connections(ATTACKERS / 3);
    try (var node = node(limits);
        var listener = new Listener(node.server);
        var cell = CellClient.over(_ -> listener.dial(), "here").open(node.running().grant())) {
      cell.call(new byte[1], Node.LONG);
      var over = new AtomicBoolean();
      var attack = Thread.ofPlatform().start(() -> attack(listener, flood, over));
      node.awaitCounted(SessionCounter.BEGUN, ATTACKERS / 2);
      for (var i = 0; i < CALLS; i++) {
        var message = ("call " + i).getBytes(UTF_8);
        assertThat(cell.call(message, Node.LONG)).isEqualTo(message);
      }
      if (flood != Flood.SLOW_FRAME) {
        assertThat(policy(listener).images()).containsExactly("java");
      }
      over.set(true);
      attack.join();
      cell.detach();
      node.awaitQuiet();
      node.assertThatCountersAddUp();
      assertThat(node.counted(SessionCounter.CROWDED_OUT) + node.counted(SessionCounter.BUSY))
          .isPositive();
    }
  }

  /** Asks as a client does that comes anew, and comes again when it was not let in. */
  private static NodePolicy policy(Listener listener) throws IOException {
    var client = CellClient.over(_ -> listener.dial(), "here");
    for (var again = 0; again < 50; again++) {
      try {
        return client.policy();
      } catch (IOException _) {
        // Crowded out itself, before its hello came.
      }
    }
    return client.policy();
  }

  private static void attack(Listener listener, Flood flood, AtomicBoolean over) {
    var channels = new ArrayList<CellChannel>();
    for (var turn = 0; !over.get(); turn++) {
      try {
        while (channels.size() < ATTACKERS) {
          channels.add(listener.dial());
        }
        for (var channel : List.copyOf(channels)) {
          act(flood, channel, turn, channels);
        }
        Thread.sleep(1);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    channels.forEach(SessionAttackTest::close);
  }

  private static void act(Flood flood, CellChannel channel, int turn, List<CellChannel> all) {
    try {
      flood.act.on(channel, turn);
    } catch (IOException _) {
      all.remove(channel);
      close(channel);
    }
  }

  private static void close(CellChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What a node answers to one request after a hello. */
  private static List<Byte> answer(Node node, Ask ask, byte[] token) {
    var fields = Wire.fields(ask, token, Node.manifest());
    var channel = new ScriptedChannel(Wire.hello().frame(ask.type, fields).bytes());
    node.server.serve(channel);
    var answer = new ArrayList<Byte>();
    for (var one : channel.written.toByteArray()) {
      answer.add(one);
    }
    return answer;
  }

  /** Nothing at all, a live token's identifier with another secret, the wrong kind of right. */
  @Test
  void whateverIsWrongWithATokenTheAnswerIsTheSame() throws IOException {
    try (var node = node(ServerLimits.defaults());
        var cell = node.running(new byte[0])) {
      var good = Wire.token(cell);
      var random = new Random(SEED);
      var answers = new HashSet<List<Byte>>();
      for (var guess = 0; guess < GUESSES; guess++) {
        for (var ask : RIGHTS) {
          var token = new byte[good.length];
          random.nextBytes(token);
          if (guess % 2 == 0) {
            System.arraycopy(good, 0, token, 0, 16);
          }
          answers.add(answer(node, ask, token));
        }
      }
      answers.add(answer(node, Ask.SHUT_DOWN, good));
      assertThat(answers).as("with seed %d", SEED).hasSize(1);
      var guesses = (long) GUESSES * RIGHTS.size();
      assertThat(node.counted(SessionCounter.DENIED)).isEqualTo(guesses + 1);
      assertThat(tallied(node, TokenCounter.UNKNOWN)).isEqualTo(guesses / 2);
      assertThat(tallied(node, TokenCounter.MISMATCHED)).isEqualTo(guesses / 2 + 1);
      assertThat(cell.call("still here".getBytes(UTF_8), Node.LONG))
          .asString(UTF_8)
          .isEqualTo("still here");
    }
  }

  private static long tallied(Node node, TokenCounter counter) {
    return node.host.ledger().tally(counter).get();
  }

  @Test
  void whatWasRecordedIsRefusedWhenItIsSaidAgain() throws IOException {
    try (var node = node(ServerLimits.defaults());
        var cell = node.running(new byte[0])) {
      var fields = Wire.fields(Ask.SEND, Wire.token(cell), Node.manifest());
      var said = Wire.hello().frame(Ask.SEND.type, fields).bytes();
      node.server.serve(new ScriptedChannel(said));
      var again = new ScriptedChannel(said);
      node.server.serve(again);
      assertThat(again.written.toString(UTF_8)).contains("this token is not good for that");
      assertThat(tallied(node, TokenCounter.REPLAYED)).isEqualTo(1);
      assertThat(cell.receive(Node.LONG)).isPresent();
      assertThat(cell.receive(Duration.ofMillis(50))).isEmpty();
    }
  }
}
