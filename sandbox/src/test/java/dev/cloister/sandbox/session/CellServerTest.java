package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.testing.CellChannels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client that keeps no rule costs: little, counted, and nobody else. */
final class CellServerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeTime time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));

  @TempDir private Path directory;

  private Node node(ServerLimits limits) throws IOException {
    return new Node(directory.resolve("cells"), limits, time, UnaryOperator.identity(), Node::echo);
  }

  private Node node() throws IOException {
    return node(ServerLimits.defaults());
  }

  private static void say(CellChannel channel, byte... bytes) throws IOException {
    channel.write(ByteBuffer.wrap(bytes));
  }

  /** What a server says next; empty at the end. */
  private static List<Integer> types(CellChannel channel) throws Exception {
    channel.timeout(Node.LONG);
    var frames = new Frames(channel, TimeSource.system(), new Held(Long.MAX_VALUE));
    var types = new ArrayList<Integer>();
    var until = System.nanoTime() + Node.LONG.toNanos();
    while (frames.begin(until, SessionCounter.LATE)) {
      types.add(frames.finish(1 << 20, until, SessionCounter.LATE).type);
    }
    return types;
  }

  private static void awaitServing(Node node, int count) throws InterruptedException {
    for (var i = 0; i < 3000 && node.server.serving() != count; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(node.server.serving()).isEqualTo(count);
  }

  /** Waits until the server waits for something that is due in a time or earlier. */
  private static void awaitDue(Node node, Duration most) throws InterruptedException {
    for (var i = 0; i < 3000 && node.server.tick() > most.toNanos(); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(node.server.tick()).isLessThanOrEqualTo(most.toNanos());
  }

  private void pass(Node node, Duration passing) {
    time.advance(passing);
    assertThat(node.server.tick()).isNotNegative();
  }

  @Test
  void whoSaysNothingIsEndedWhenTheTimeForAHelloIsOver() throws Exception {
    try (var node = node();
        var silent = node.dial()) {
      awaitDue(node, ServerLimits.HELLO_DEFAULT);
      pass(node, ServerLimits.HELLO_DEFAULT.minus(SECOND));
      assertThat(node.server.serving()).isEqualTo(1);
      pass(node, SECOND);
      node.awaitCounted(SessionCounter.NO_HELLO, 1);
      assertThat(types(silent)).isEmpty();
      node.assertThatCountersAddUp();
    }
  }

  /** Says a byte, a second after the other, to a server that may have had enough. */
  private void trickle(Node node, CellChannel slow, byte[] bytes, int seconds) {
    for (var at = 0; at < seconds; at++) {
      try {
        say(slow, bytes[at % bytes.length]);
      } catch (IOException _) {
        // It had.
      }
      pass(node, SECOND);
    }
  }

  @Test
  void bytesThatTrickleDoNotProlongAHello() throws Exception {
    try (var node = node();
        var slow = node.dial()) {
      awaitDue(node, ServerLimits.HELLO_DEFAULT);
      var seconds = (int) ServerLimits.HELLO_DEFAULT.toSeconds();
      trickle(node, slow, Wire.hello().bytes(), seconds);
      node.awaitCounted(SessionCounter.NO_HELLO, 1);
    }
  }

  @Test
  void bytesThatTrickleDoNotProlongAFrame() throws Exception {
    var limits = ServerLimits.defaults().idle(Duration.ofHours(1)).hello(Duration.ofHours(1));
    try (var node = node(limits);
        var slow = node.dial()) {
      slow.write(ByteBuffer.wrap(Wire.hello().bytes()));
      say(slow, (byte) 0, (byte) 0, (byte) 1, (byte) 0, (byte) Ask.SEND.type, (byte) 0);
      awaitDue(node, ServerLimits.FRAME_DEFAULT);
      trickle(node, slow, new byte[1], (int) ServerLimits.FRAME_DEFAULT.toSeconds());
      node.awaitCounted(SessionCounter.LATE, 1);
      node.assertThatCountersAddUp();
    }
  }

  @Test
  void whoAsksNothingMoreIsEndedWhenItHasBeenIdle() throws Exception {
    var limits = ServerLimits.defaults().frame(Duration.ofHours(1)).hello(Duration.ofHours(1));
    try (var node = node(limits);
        var idle = node.dial()) {
      idle.write(ByteBuffer.wrap(Wire.hello().ask(Ask.POLICY).bytes()));
      node.awaitCounted(SessionCounter.ANSWERED, 1);
      awaitDue(node, ServerLimits.IDLE_DEFAULT);
      pass(node, ServerLimits.IDLE_DEFAULT);
      node.awaitCounted(SessionCounter.IDLE, 1);
      assertThat(types(idle)).containsExactly(Greeting.WELCOME, Answer.OK);
    }
  }

  @Test
  void whoTakesNoAnswerIsEnded() throws Exception {
    try (var node = node(ServerLimits.defaults().idle(Duration.ofHours(1)));
        var deaf = node.dial()) {
      var wire = Wire.hello();
      for (var i = 0; i < 200; i++) {
        wire.ask(Ask.POLICY);
      }
      deaf.write(ByteBuffer.wrap(wire.bytes()));
      awaitStillness(node);
      pass(node, ServerLimits.FRAME_DEFAULT);
      node.awaitCounted(SessionCounter.NOT_TAKEN, 1);
    }
  }

  /** Waits until the server waits for the client that takes nothing. */
  private static void awaitStillness(Node node) throws InterruptedException {
    var answered = -1L;
    while (node.counted(SessionCounter.ANSWERED) != answered || answered == 0) {
      answered = node.counted(SessionCounter.ANSWERED);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** A client that has just been welcomed. */
  private static CellChannel greeted(Node node) throws Exception {
    var channel = node.dial();
    channel.write(ByteBuffer.wrap(Wire.hello().bytes()));
    var frames = new Frames(channel, TimeSource.system(), new Held(0));
    var until = System.nanoTime() + Node.LONG.toNanos();
    assertThat(frames.begin(until, SessionCounter.LATE)).isTrue();
    assertThat(frames.finish(Greeting.BYTES_MAX, until, SessionCounter.LATE).type)
        .isEqualTo(Greeting.WELCOME);
    return channel;
  }

  @Test
  void beyondTheBoundTheAnswerIsBusy() throws Exception {
    try (var node = node(ServerLimits.defaults().connections(2));
        var first = greeted(node);
        var second = greeted(node);
        var third = node.dial()) {
      assertThat(types(third)).containsExactly(Answer.FAULT);
      assertThat(node.counted(SessionCounter.BUSY)).isEqualTo(1);
      assertThat(node.server.serving()).isEqualTo(2);
      assertThat(first.isOpen() && second.isOpen()).isTrue();
      node.assertThatCountersAddUp();
    }
  }

  @Test
  void whoHasSaidNoHelloMakesRoom() throws Exception {
    try (var node = node(ServerLimits.defaults().connections(2));
        var silent = node.dial();
        var greeted = greeted(node)) {
      awaitServing(node, 2);
      assertThat(node.client().policy().images()).containsExactly("java");
      node.awaitCounted(SessionCounter.CROWDED_OUT, 1);
      assertThat(types(silent)).isEmpty();
      assertThat(greeted.isOpen()).isTrue();
    }
  }

  @Test
  void whoWasQuietLongestMakesRoomAfterAWhile() throws Exception {
    try (var node = node(ServerLimits.defaults().connections(2));
        var older = greeted(node)) {
      time.advance(SECOND);
      try (var newer = greeted(node)) {
        time.advance(Duration.ofSeconds(5));
        assertThat(node.client().policy().images()).containsExactly("java");
        node.awaitCounted(SessionCounter.CROWDED_OUT, 1);
        assertThat(types(older)).isEmpty();
        newer.write(ByteBuffer.wrap(new Wire().ask(Ask.POLICY).bytes()));
        node.awaitCounted(SessionCounter.ANSWERED, 2);
      }
    }
  }

  /** Each is one client's whole conversation after its hello, and how it ends. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "7fffffff 18 | TOO_LONG",
        "ffffffff 10 | TOO_LONG",
        "00000000 00 | MALFORMED",
        "00000001 0f | UNKNOWN_TYPE",
        "00000001 01 | UNKNOWN_TYPE",
        "00000001 40 | UNKNOWN_TYPE",
        "00000002 10 00 | MALFORMED",
        "00000001 11 | MALFORMED",
        "00000001 13 | MALFORMED",
        "00000001 18 | OUT_OF_TURN",
        "00000001 19 | OUT_OF_TURN",
        "00000001 1a | OUT_OF_TURN",
        "0000 | TRUNCATED",
        "00000010 10 00 | TRUNCATED",
        "00000001 10 | LEFT",
      })
  void aFrameThatIsNoneEndsItsConversationByItsCause(String row) throws IOException {
    var parts = row.split(" \\| ", -1);
    var bytes = HexFormat.of().parseHex(parts[0].replace(" ", ""));
    try (var node = node()) {
      node.server.serve(new ScriptedChannel(Wire.hello().raw(bytes).bytes()));
      assertThat(node.counted(SessionCounter.valueOf(parts[1]))).as(row).isEqualTo(1);
      node.assertThatCountersAddUp();
    }
  }

  @Test
  void aClientOfAnotherVersionIsToldTheOneThatIsSpoken() throws Exception {
    try (var node = node()) {
      var other = new Body().bytes("cloister".getBytes(UTF_8)).u8(2).u16(2).u16(7).u32(1 << 20);
      var channel = new ScriptedChannel(new Wire().frame(Greeting.HELLO, other).bytes());
      node.server.serve(channel);
      assertThat(node.counted(SessionCounter.WRONG_VERSION)).isEqualTo(1);
      assertThat(channel.written.toString(UTF_8)).contains("version").contains("spoken is 1");
    }
  }

  @Test
  void oneVersionOfManyIsEnough() throws Exception {
    try (var node = node()) {
      var many = new Body().bytes("cloister".getBytes(UTF_8)).u8(2).u16(7).u16(1).u32(1 << 20);
      node.server.serve(new ScriptedChannel(new Wire().frame(Greeting.HELLO, many).bytes()));
      assertThat(node.counted(SessionCounter.LEFT)).isEqualTo(1);
    }
  }

  @Test
  void asManyRequestsAsAreAllowedAreAnsweredAndNoMore() throws Exception {
    try (var node = node(ServerLimits.defaults().requests(3))) {
      var wire = Wire.hello();
      for (var i = 0; i < 4; i++) {
        wire.ask(Ask.POLICY);
      }
      node.server.serve(new ScriptedChannel(wire.bytes()));
      assertThat(node.counted(SessionCounter.ANSWERED)).isEqualTo(3);
      assertThat(node.counted(SessionCounter.SPENT)).isEqualTo(1);
    }
  }

  /** A client begins another conversation before it would be ended. */
  @Test
  void aClientUsesMoreRequestsThanOneConversationHas() throws Exception {
    try (var node = node(ServerLimits.defaults().requests(2));
        var cell = node.running(new byte[0])) {
      for (var i = 0; i < 10; i++) {
        var message = new byte[] {(byte) i};
        assertThat(cell.call(message, Node.LONG)).isEqualTo(message);
        assertThat(cell.poll()).isFalse();
      }
      assertThat(node.counted(SessionCounter.SPENT)).isZero();
    }
  }

  @Test
  void whoReadsAndWasEndedForItsSilenceReadsOnAndWhoSendsIsTold() throws Exception {
    var limits = ServerLimits.defaults().frame(Duration.ofHours(1)).hello(Duration.ofHours(1));
    try (var node = node(limits);
        var cell = node.running()) {
      cell.send(new byte[] {1});
      assertThat(cell.receive(Node.LONG)).isPresent();
      for (var i = 0; i < 3000 && node.counted(SessionCounter.IDLE) < 2; i++) {
        pass(node, ServerLimits.IDLE_DEFAULT);
        TimeUnit.MILLISECONDS.sleep(10);
      }
      assertThat(cell.poll()).isFalse();
      assertThrows(IOException.class, () -> cell.send(new byte[] {2}));
      cell.send(new byte[] {3});
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).containsExactly(3);
    }
  }

  /** Holds nearly all room by frames that are not finished, and waits for nobody. */
  @Test
  void whatAllHoldTogetherIsBoundedAndSmallFramesAreServedAllTheSame() throws Exception {
    var limits = ServerLimits.defaults().bytesTogether(1 << 20);
    try (var node = node(limits);
        var cell = node.running(new byte[0])) {
      var hoarder = node.dial();
      hoarder.write(ByteBuffer.wrap(Wire.hello().bytes()));
      say(hoarder, (byte) 0, (byte) 0x10, (byte) 0, (byte) 1, (byte) Ask.SEND.type);
      hoarder.timeout(Node.LONG);
      // All but what the channel itself holds has been taken then.
      hoarder.write(ByteBuffer.allocate(300_000));
      try (var second = node.dial()) {
        second.write(ByteBuffer.wrap(Wire.hello().bytes()));
        say(second, (byte) 0, (byte) 0x10, (byte) 0, (byte) 1, (byte) Ask.SEND.type);
        try {
          second.timeout(Node.LONG);
          second.write(ByteBuffer.allocate(1_000_000));
        } catch (IOException _) {
          // Ended while it was at it.
        }
        node.awaitCounted(SessionCounter.NO_ROOM, 1);
      }
      assertThat(cell.call("small".getBytes(UTF_8), Node.LONG)).asString(UTF_8).isEqualTo("small");
      hoarder.close();
      node.awaitCounted(SessionCounter.TRUNCATED, 1);
      var large = new byte[200_000];
      new Random(1).nextBytes(large);
      assertThat(cell.call(large, Node.LONG)).isEqualTo(large);
    }
  }

  @Test
  void anAnswerThatIsTooLongForTheClientIsAFaultAndNothingIsLost() throws Exception {
    try (var node = node();
        var cell = node.running(new byte[0]);
        var grant = cell.grant()) {
      cell.send(new byte[100_000]);
      var narrow = node.client().limits(ClientLimits.defaults().frameBytes(1 << 16));
      try (var reader = narrow.open(grant)) {
        var thrown = assertThrows(IOException.class, () -> reader.receive(Node.LONG));
        assertThat(thrown).hasMessageContaining("frameBytes").hasMessageContaining("65536");
      }
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).hasSize(100_000);
    }
  }

  @Test
  void closingEndsWhoWaitsForAFunctionAndLeavesItsThreadUninterrupted() throws Exception {
    try (var node = node();
        var cell = node.running(new byte[0])) {
      var token = Wire.token(cell);
      var pair = CellChannels.pair();
      var after = new CompletableFuture<Boolean>();
      Thread.ofPlatform()
          .start(() -> {
            node.server.serve(pair.server());
            after.complete(Thread.currentThread().isInterrupted());
          });
      var wire =
          Wire.hello()
              .frame(Ask.ATTACH.type, Wire.shown(token).i64(-1))
              .frame(Ask.RECEIVE.type, new Body().u32(60_000).i64(-1));
      pair.client().write(ByteBuffer.wrap(wire.bytes()));
      // A policy, a start, a load, and these two; then nothing in the channel is waited for.
      node.awaitCounted(SessionCounter.REQUESTS, 5);
      node.server.close();
      assertThat(after.get(30, TimeUnit.SECONDS)).isFalse();
      node.awaitCounted(SessionCounter.STOPPED, 1);
      node.assertThatCountersAddUp();
      node.server.serve(new ScriptedChannel(Wire.hello().bytes()));
      assertThat(node.counted(SessionCounter.STOPPED)).isEqualTo(2);
    }
  }

  @Test
  void anInterruptOfItsThreadEndsAConversationAndIsKept() throws Exception {
    try (var node = node()) {
      var pair = CellChannels.pair();
      var after = new CompletableFuture<Boolean>();
      var thread =
          Thread.ofPlatform()
              .start(() -> {
                node.server.serve(pair.server());
                after.complete(Thread.currentThread().isInterrupted());
              });
      awaitServing(node, 1);
      thread.interrupt();
      assertThat(after.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(node.counted(SessionCounter.STOPPED)).isEqualTo(1);
    }
  }
}
