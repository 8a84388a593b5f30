package dev.cloister.tor.socks;

import static dev.cloister.tor.socks.SocksWorld.AMPLE;
import static dev.cloister.tor.socks.SocksWorld.SOMEWHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against clients that say whatever they like. */
final class SocksServerTest {
  private static final Duration SHORT = Duration.ofMillis(60);
  private static final String REQUEST = "050100 05010003 09 612e6578616d706c65 0050";
  private static final String REQUEST_WITH_LOGIN =
      "050102 01 05 616c696365 02 7077 05010004 20010db8000000000000000000000001 0050";

  private final LocalServer echo = SocksWorld.echo();

  @AfterEach
  void close() throws IOException {
    echo.close();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static UnaryOperator<SocksServerPlan> limited(SocksLimits limits) {
    return plan -> plan.limits(limits);
  }

  /**
   * Sends, says that this was all, and returns what is answered: nothing, if the server hangs up on
   * what it has not read.
   */
  private static String answer(SocksWorld world, byte[] said) throws IOException {
    try (var client = world.connect()) {
      client.write(ByteBuffer.wrap(said));
      client.shutdownOutput();
      return HexFormat.of().formatHex(SocksWorld.readAll(client));
    } catch (SocketException _) {
      return "";
    }
  }

  /** A plan of a server that is never asked for anything. */
  private static SocksServerPlan nobodysServer() {
    return SocksServer.through(
        (_, _, _) -> {
          throw new AssertionError("opened");
        },
        _ -> {
          throw new AssertionError("judged");
        });
  }

  private static String reply(int code) {
    return "05%02x0001000000000000".formatted(code);
  }

  @ParameterizedTest
  @CsvSource({
    REQUEST + ", a.example:80",
    "050100 05010003 06 307837662e31 0050, ''",
    "050100 05010003 07 3132372e302e31 0050, ''",
    "050100 05010003 09 3132372e302e302e31 0050, 127.0.0.1:80",
    "050100 05010003 03 3a3a31 0050, [::1]:80",
    "050100 05010001 7f000001 0050, 127.0.0.1:80",
    "050100 05010004 00000000000000000000ffff7f000001 0050, 127.0.0.1:80",
    "05020200 05010004 00000000000000000000000000000001 0050, [::1]:80",
    "050102 01 01 61 00 05010001 7f000001 0050, 127.0.0.1:80"
  })
  void whatIsOpenedIsTheDestinationInItsOneForm(String request, String opened) throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan)) {
      answer(world, hex(request));
      if (opened.isEmpty()) {
        assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.MALFORMED, 1L));
      } else {
        assertThat(world.opened).map(Destination::toString).containsExactly(opened);
        assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 1L));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "05020150, 05ff, UNSUPPORTED",
    "0500, 05ff, UNSUPPORTED",
    "04010050 7f000001 00, '', MALFORMED",
    "474554202f20485454502f312e31, '', MALFORMED",
    "050100 04, 0500, MALFORMED",
    "050100 050101, 0500, MALFORMED",
    "050100 05020001 7f000001 0050, 0500 0507, UNSUPPORTED",
    "050100 05030001 7f000001 0050, 0500 0507, UNSUPPORTED",
    "050100 05f00001 7f000001 0050, 0500 0507, UNSUPPORTED",
    "050100 05010002, 0500 0508, UNSUPPORTED",
    "050100 05010003 00 0050, 0500 0502, MALFORMED",
    "050100 05010003 03 610062 0050, 0500 0502, MALFORMED",
    "050100 05010003 03 61ff62 0050, 0500 0502, MALFORMED",
    "050100 05010003 01 61 0000, 0500 0502, MALFORMED",
    "050100 05010003 01 61 0019, 0500 0502, NOT_ALLOWED",
    "050100 05010003 01 61 0019 474554202f, 0500 0502, NOT_ALLOWED",
    "050102 02, 0502, MALFORMED"
  })
  void whatIsNotServedIsAnsweredByItsCodeAndCounted(
      String said, String answered, SocksCounter cause) throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan)) {
      var wanted = answered.replace(" ", "");
      assertThat(answer(world, hex(said)))
          .isEqualTo(wanted.length() == 8 ? wanted + "0001000000000000" : wanted);
      assertThat(world.causes()).isEqualTo(Map.of(cause, 1L));
      assertThat(world.opened).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "050100, 05ff",
    "0500, 05ff",
    "050102 01 05 616c696365 02 7078, 0502 0101",
    "050102 01 05 616c696366 02 7077, 0502 0101",
    "050102 01 05 616c696365 00, 0502 0101",
    "050102 01 00 02 7077, 0502 0101",
    "050102 01 00 00, 0502 0101"
  })
  void whoDoesNotKnowTheLoginIsNotServed(String said, String answered) throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan.login("alice", "pw"))) {
      assertThat(answer(world, hex(said))).isEqualTo(answered.replace(" ", ""));
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.NO_LOGIN, 1L));
    }
  }

  @Test
  void whoKnowsTheLoginIsServed() throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan.login("alice", "pw"))) {
      var offersBoth = REQUEST_WITH_LOGIN.replace("050102", "05020002");
      assertThat(answer(world, hex(offersBoth))).isEqualTo("05020100" + reply(0));
    }
  }

  @ParameterizedTest
  @EnumSource(SocksCode.class)
  void whyAStreamIsNotOpenedIsHandedOn(SocksCode code) throws IOException {
    try (var world = SocksWorld.unix(echo, plan -> plan)) {
      world.streams =
          (to, _, _) -> {
            throw new SocksFailure(code, to.toString());
          };
      assertThat(answer(world, hex(REQUEST))).isEqualTo("0500" + reply(code.code()));
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.NOT_OPENED, 1L));
    }
  }

  @Test
  void otherFailuresToOpenHaveCodesToo() throws IOException {
    try (var world = SocksWorld.unix(echo, plan -> plan)) {
      world.streams =
          (_, _, _) -> {
            throw new SocketTimeoutException("late");
          };
      assertThat(answer(world, hex(REQUEST))).isEqualTo("0500" + reply(6));
      world.streams =
          (_, _, _) -> {
            throw new IOException("broken");
          };
      assertThat(answer(world, hex(REQUEST))).isEqualTo("0500" + reply(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {REQUEST, REQUEST_WITH_LOGIN})
  void aClientThatEndsOrStopsAnywhereIsCountedAndTheNextIsServed(String request)
      throws IOException {
    var whole = hex(request);
    try (var world =
        SocksWorld.unix(echo, limited(SocksWorld.limits(100, SHORT.multipliedBy(20), AMPLE)))) {
      for (var length = 0; length < whole.length; length++) {
        answer(world, Arrays.copyOf(whole, length));
        world.await(SocksCounter.LEFT, length + 1);
      }
      var stopped = new SocketStream[whole.length];
      for (var length = 0; length < whole.length; length++) {
        stopped[length] = world.connect();
        stopped[length].write(ByteBuffer.wrap(whole, 0, length));
      }
      world.await(SocksCounter.LATE, whole.length);
      for (var client : stopped) {
        client.close();
      }
      world.open(SOMEWHERE).close();
    }
  }

  @Test
  void aClientThatSendsByteByByteIsServed() throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan);
        var client = world.connect()) {
      for (var one : hex(REQUEST_WITH_LOGIN + "6869")) {
        client.write(ByteBuffer.wrap(new byte[] {one}));
      }
      client.shutdownOutput();
      assertThat(HexFormat.of().formatHex(SocksWorld.readAll(client)))
          .isEqualTo("05020100" + reply(0) + "6869");
    }
  }

  /** The server survives each, answers what it must and opens nothing that its policy refuses. */
  @Test
  void noMutatedRequestHangsTheServerOrIsLostFromItsCounters() throws IOException {
    var requests = new String[] {REQUEST, REQUEST_WITH_LOGIN};
    try (var world = SocksWorld.unix(echo, plan -> plan)) {
      for (var seed = 0; seed < 10_000; seed++) {
        var said = Mutation.of(hex(requests[seed % 2]), new Random(seed));
        try {
          answer(world, said);
        } catch (SocketTimeoutException e) {
          throw new AssertionError("seed " + seed, e);
        } catch (IOException _) {
          // closed before all was sent
        }
      }
      assertThat(world.causes())
          .containsKeys(SocksCounter.MALFORMED, SocksCounter.LEFT, SocksCounter.COMPLETED)
          .doesNotContainKeys(SocksCounter.FAULT, SocksCounter.LATE, SocksCounter.IDLE);
      assertThat(world.opened).noneMatch(to -> to.port() == 25);
      world.open(SOMEWHERE).close();
    }
  }

  @Test
  void oneMoreThanAllowedIsClosedAtOnceAndCounted() throws IOException {
    try (var world = SocksWorld.tcp(echo, limited(SocksWorld.limits(2, AMPLE, AMPLE)));
        var _ = world.open(SOMEWHERE)) {
      try (var _ = world.open(SOMEWHERE)) {
        assertThatIOException().isThrownBy(() -> world.open(SOMEWHERE));
        world.await(SocksCounter.NO_ROOM, 1);
      }
      world.await(SocksCounter.LIVING, 1);
      world.open(SOMEWHERE).close();
    }
  }

  /** A client that is connected the other way round: it accepts, and then speaks. */
  private static LocalServer caller(String said, CompletableFuture<String> answered) {
    return LocalServer.tcp(channel -> {
      channel.write(ByteBuffer.wrap(hex(said)));
      channel.shutdownOutput();
      var all = ByteBuffer.allocate(1000);
      while (channel.read(all) >= 0) {
        assertThat(all.hasRemaining()).isTrue();
      }
      answered.complete(HexFormat.of().formatHex(all.array(), 0, all.position()));
    });
  }

  @Test
  void aChannelThatIsHandedOverIsServed() throws Exception {
    var answered = new CompletableFuture<String>();
    try (var world = SocksWorld.unix(echo, plan -> plan);
        var caller = caller(REQUEST + "6869", answered)) {
      world.server.serve(SocksWorld.connected(caller.address()), world.executor);
      assertThat(answered.get()).isEqualTo("0500" + reply(0) + "6869");
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 1L));
    }
  }

  @Test
  void anExecutorThatTakesNoMoreCostsThatConnectionAlone() throws IOException {
    try (var world = SocksWorld.unix(echo, plan -> plan);
        var caller = caller(REQUEST, new CompletableFuture<>())) {
      world.server.serve(
          SocksWorld.connected(caller.address()),
          _ -> {
            throw new RejectedExecutionException("full");
          });
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.NO_ROOM, 1L));
    }
  }

  @Test
  void aConnectionThatNothingMovesOnEnds() throws IOException {
    try (var world = SocksWorld.tcp(echo, limited(SocksWorld.limits(9, AMPLE, SHORT)));
        var client = world.open(SOMEWHERE)) {
      assertThat(SocksWorld.readAll(client)).isEmpty();
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.IDLE, 1L));
    }
  }

  @Test
  void aClientThatTakesNothingEndsAndCostsNoMemory() throws IOException {
    try (var source =
            LocalServer.tcp(channel -> {
              while (true) {
                channel.write(ByteBuffer.allocate(1 << 16));
              }
            });
        var world = SocksWorld.tcp(source, limited(SocksWorld.limits(9, AMPLE, SHORT)));
        var client = world.open(SOMEWHERE)) {
      assertThat(client.isOpen()).isTrue();
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.IDLE, 1L));
    }
  }

  /** One direction is silent for longer than idle allows; the other is not. */
  @Test
  void aDirectionMayBeSilentWhileTheOtherMoves() throws IOException {
    var stop = new CountDownLatch(1);
    try (var source =
            LocalServer.tcp(channel -> {
              while (stop.getCount() > 0) {
                channel.write(ByteBuffer.allocate(1));
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
              }
            });
        var world = SocksWorld.tcp(source, limited(SocksWorld.limits(9, AMPLE, SHORT)));
        var client = world.open(SOMEWHERE)) {
      var until = System.nanoTime() + SHORT.multipliedBy(5).toNanos();
      while (System.nanoTime() < until) {
        assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
      }
      stop.countDown();
      SocksWorld.readAll(client);
      client.shutdownOutput();
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 1L));
    }
  }

  @Test
  void aDestinationThatBreaksOffIsCounted() throws IOException {
    try (var breaking =
            LocalServer.tcp(channel -> {
              channel.read(ByteBuffer.allocate(1));
              channel.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
            });
        var world = SocksWorld.tcp(breaking, plan -> plan);
        var client = world.open(SOMEWHERE)) {
      client.write(ByteBuffer.allocate(2));
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.BROKEN, 1L));
    }
  }

  @Test
  void aFaultOfThePolicyIsCountedAndTheNextIsServed() throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan)) {
      var before = world.streams;
      world.streams =
          (_, _, _) -> {
            throw new IllegalStateException("a fault on purpose");
          };
      assertThatIOException().isThrownBy(() -> world.open(SOMEWHERE));
      world.await(SocksCounter.FAULT, 1);
      assertThat(world.thrown()).hasMessage("a fault on purpose");
      world.streams = before;
      world.open(SOMEWHERE).close();
    }
  }

  @Test
  void closeEndsConnectionsWhereverTheyAre() throws IOException, InterruptedException {
    var opening = new CountDownLatch(1);
    try (var world = SocksWorld.unix(echo, plan -> plan)) {
      var silent = world.connect();
      var relayed = world.open(SOMEWHERE);
      world.streams =
          (_, _, _) -> {
            opening.countDown();
            try {
              Thread.sleep(Duration.ofHours(1));
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            throw new AssertionError("woke by itself");
          };
      var unopened = world.connect();
      unopened.write(ByteBuffer.wrap(hex(REQUEST)));
      opening.await();
      world.await(SocksCounter.LIVING, 3);
      world.server.close();
      world.executor.close();
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.CLOSED, 3L));
      for (var client : new TorStream[] {silent, relayed, unopened}) {
        SocksWorld.readAll(client);
        client.close();
      }
      assertThatIOException().isThrownBy(world::connect);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "10.0.0.1", "::"})
  void itListensToThisHostAlone(String address) {
    var at = new InetSocketAddress(InetAddress.ofLiteral(address), 1080);
    var plan = nobodysServer();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.listeningAt(at))
        .withMessageContaining("allowed are loopback addresses and unix sockets");
  }

  @Test
  void withoutAnAddressItServesChannelsThatAreHandedToIt() throws IOException {
    try (var server = nobodysServer().open()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> server.accept(Runnable::run))
          .withMessageContaining("listeningAt");
    }
  }

  @Test
  void whatCannotBeBoundIsAnError() throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan)) {
      var same = nobodysServer().listeningAt(world.address());
      assertThatExceptionOfType(IOException.class).isThrownBy(same::open);
    }
  }

  @Test
  void theLedgerSpeaksItsOwnWordsAlone() throws IOException {
    try (var world = SocksWorld.tcp(echo, plan -> plan)) {
      answer(world, "secret.example".getBytes(StandardCharsets.US_ASCII));
      assertThat(world.server.ledger().counters().toString()).doesNotContain("secret");
    }
  }
}
