package dev.cloister.tor.socks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a port that says whatever it is told to. */
final class SocksClientTest {
  private static final Duration AMPLE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(60);
  private static final Destination SOMEWHERE = new Destination("a.example", 80);
  private static final Isolation ALICE = Isolation.named("alice", "pw");
  private static final String OPENED = "0500 05000001 00000000 0000";
  private static final String OPENED_ISOLATED = "0502 0100 05000001 00000000 0000";

  /** What the port does when it has said all. */
  private enum Then {
    CLOSE,
    STALL
  }

  private final BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
  private volatile byte[] says = {};
  private volatile Then then = Then.CLOSE;
  private volatile boolean byBytes;
  private LocalServer port;
  private SocksClient client;

  @BeforeEach
  void open() throws IOException {
    port = LocalServer.at(LocalServer.unixAddress(), this::speak);
    client = SocksClient.through(port.address(), TimeSource.system());
  }

  @AfterEach
  void close() throws IOException {
    port.close();
  }

  private void speak(SocketChannel channel) throws IOException {
    var script = says;
    var length = byBytes ? 1 : Math.max(1, script.length);
    for (var at = 0; at < script.length; at += length) {
      channel.write(ByteBuffer.wrap(script, at, length));
    }
    if (then == Then.CLOSE) {
      channel.shutdownOutput();
    }
    var all = new ByteArrayOutputStream();
    var buffer = ByteBuffer.allocate(1000);
    while (channel.read(buffer.clear()) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
    }
    heard.add(all.toByteArray());
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private void says(String hex) {
    says = hex(hex);
  }

  private void openAndClose(Isolation isolation) throws IOException {
    client.open(SOMEWHERE, isolation, AMPLE).close();
  }

  @ParameterizedTest
  @CsvSource({
    "a.example, 050100 05010003 09 612e6578616d706c65 0050",
    "10.1.2.3, 050100 05010001 0a010203 0050",
    "::1, 050100 05010004 00000000000000000000000000000001 0050",
    "::ffff:10.1.2.3, 050100 05010001 0a010203 0050"
  })
  void aDestinationGoesAsItIs(String host, String request) throws Exception {
    says(OPENED);
    client.open(new Destination(host, 80), Isolation.none(), AMPLE).close();
    assertThat(heard.take()).isEqualTo(hex(request));
  }

  @Test
  void isolationGoesAsUserAndPassword() throws Exception {
    says(OPENED_ISOLATED);
    openAndClose(ALICE);
    assertThat(heard.take()).startsWith(hex("050102 01 05 616c696365 02 7077 050100"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OPENED,
        "0500 05000003 03 616263 0050",
        "0500 05000003 00 0000",
        "0500 05000004 00000000000000000000000000000001 0050"
      })
  void whatFollowsAReplyIsTheStream(String reply) throws IOException {
    for (var slowly : new boolean[] {false, true}) {
      byBytes = slowly;
      says(reply + "6869");
      try (var stream = client.open(SOMEWHERE, Isolation.none(), AMPLE)) {
        assertThat(readAll(stream)).isEqualTo("hi");
      }
    }
  }

  private static String readAll(TorStream stream) throws IOException {
    var buffer = ByteBuffer.allocate(1000);
    while (stream.read(buffer) >= 0) {
      assertThat(buffer.hasRemaining()).isTrue();
    }
    return new String(buffer.array(), 0, buffer.position(), US_ASCII);
  }

  @ParameterizedTest
  @EnumSource(SocksCode.class)
  void everyReplyIsNamed(SocksCode code) {
    says("0500 05%02x0001 00000000 0000".formatted(code.code()));
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> openAndClose(Isolation.none()))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
        .satisfies(failure -> assertThat(failure.retriable()).isEqualTo(code.retriable()))
        .withMessageContaining("a.example:80: ");
  }

  /** Tor's table: socks-extensions, "Extended error codes". */
  @ParameterizedTest
  @CsvSource({
    "f0, ONION_NOT_FOUND, true",
    "f1, ONION_INVALID, false",
    "f2, ONION_INTRODUCTION_FAILED, true",
    "f3, ONION_RENDEZVOUS_FAILED, true",
    "f4, ONION_MISSING_AUTHORIZATION, false",
    "f5, ONION_WRONG_AUTHORIZATION, false",
    "f6, ONION_BAD_ADDRESS, false",
    "f7, ONION_INTRODUCTION_TIMED_OUT, true",
    "04, HOST_UNREACHABLE, true",
    "09, UNASSIGNED, false",
    "f8, UNASSIGNED, false"
  })
  void torsOwnRepliesAreKnown(String hex, SocksCode code, boolean retriable) {
    assertThat(SocksCode.of(Integer.parseInt(hex, 16))).isEqualTo(code);
    assertThat(code.retriable()).isEqualTo(retriable);
  }

  @ParameterizedTest
  @CsvSource({
    "0400, version 4: must be 5",
    "4854, version 72: must be 5",
    "05ff, takes no stream without login",
    "0502, method 2: offered was 0",
    "0500 04000001, version 4: must be 5",
    "0500 05000101, reserved byte 1: must be 0",
    "0500 05000000, address type 0: known are",
    "0500 05000002, address type 2: known are",
    "0500 050000ff, address type 255: known are"
  })
  void aReplyThatIsNoneIsAnError(String reply, String message) {
    then = Then.STALL;
    says(reply);
    assertThatIOException()
        .isThrownBy(() -> openAndClose(Isolation.none()))
        .withMessageContaining(port.address() + " sent ")
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "0500, method 0: offered was 2",
    "05ff, takes no login",
    "0502 0000, version of the login 0: must be 1",
    "0502 0101, answer to the login 1: must be 0"
  })
  void aStreamThatWouldNotBeIsolatedIsNotOpened(String reply, String message) {
    then = Then.STALL;
    says(reply);
    assertThatIOException().isThrownBy(() -> openAndClose(ALICE)).withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OPENED_ISOLATED,
        "0502 0100 05000003 03 616263 0050",
        "0502 0100 05000004 00000000000000000000000000000001 0050"
      })
  void aPortThatEndsOrStopsAnywhereIsAnErrorInTime(String reply) {
    var whole = hex(reply);
    for (var length = 0; length < whole.length; length++) {
      says = Arrays.copyOf(whole, length);
      then = Then.CLOSE;
      assertThatExceptionOfType(EOFException.class)
          .as("closed after %d bytes", length)
          .isThrownBy(() -> openAndClose(ALICE));
      then = Then.STALL;
      assertThatExceptionOfType(SocketTimeoutException.class)
          .as("stopped after %d bytes", length)
          .isThrownBy(() -> client.open(SOMEWHERE, ALICE, SHORT));
    }
  }

  /** Each mutation changes, inserts or removes up to four bytes of what a port says. */
  @Test
  void noMutatedReplyHangsOrThrowsAnythingElse() {
    var commands = new String[] {OPENED_ISOLATED, "0502 0100 05000003 03 612e62 0000"};
    for (var seed = 0; seed < 10_000; seed++) {
      var random = new Random(seed);
      says = Mutation.of(hex(commands[seed % commands.length]), random);
      try {
        if (seed % 3 == 0) {
          client.resolve("a.example", ALICE, AMPLE);
        } else if (seed % 3 == 1) {
          client.resolve(InetAddress.getLoopbackAddress(), ALICE, AMPLE);
        } else {
          openAndClose(ALICE);
        }
      } catch (SocketTimeoutException e) {
        throw new AssertionError("seed " + seed, e);
      } catch (IOException _) {
        // what it may
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0500 05000001 0a010203 0000, 10.1.2.3",
    "0500 05000004 20010db8000000000000000000000001 0000, 2001:db8::1"
  })
  void aNameIsLookedUpAtAnExit(String reply, String address) throws Exception {
    says(reply);
    assertThat(client.resolve("A.example", Isolation.none(), AMPLE))
        .isEqualTo(InetAddress.ofLiteral(address));
    assertThat(heard.take()).isEqualTo(hex("050100 05f00003 09 612e6578616d706c65 0000"));
  }

  @Test
  void anAddressIsLookedUpAtAnExit() throws Exception {
    says("0500 05000003 09 412e6578616d706c65 0000");
    assertThat(client.resolve(InetAddress.ofLiteral("10.1.2.3"), Isolation.none(), AMPLE))
        .isEqualTo("a.example");
    assertThat(heard.take()).isEqualTo(hex("050100 05f10001 0a010203 0000"));
  }

  @Test
  void anAnswerOfTheOtherKindIsAnError() {
    says("0500 05000003 09 412e6578616d706c65 0000");
    assertThatIOException()
        .isThrownBy(() -> client.resolve("a.example", Isolation.none(), AMPLE))
        .withMessageContaining("answered RESOLVE of a.example with a name");
    says("0500 05000003 03 610a62 0000");
    assertThatIOException()
        .isThrownBy(() -> client.resolve(InetAddress.getLoopbackAddress(), Isolation.none(), AMPLE))
        .withMessageContaining("with no name");
  }

  @Test
  void aReadThatFindsNothingEndsInTimeAndTheStreamGoesOn() throws IOException {
    then = Then.STALL;
    says(OPENED);
    try (var stream = client.open(SOMEWHERE, Isolation.none(), AMPLE)) {
      stream.timeout(SHORT);
      for (var i = 0; i < 2; i++) {
        assertThatExceptionOfType(SocketTimeoutException.class)
            .isThrownBy(() -> stream.read(ByteBuffer.allocate(1)));
      }
      assertThat(stream.write(ByteBuffer.allocate(1))).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCloseFromAnotherThreadWakesTheReader(boolean virtual) throws Exception {
    then = Then.STALL;
    says(OPENED);
    var stream = client.open(SOMEWHERE, Isolation.none(), AMPLE);
    var read = new CompletableFuture<Integer>();
    var reader = start(virtual, read, stream);
    awaitWaiting(reader);
    stream.close();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(read::get)
        .withCauseInstanceOf(AsynchronousCloseException.class);
    assertThatExceptionOfType(ClosedChannelException.class)
        .isThrownBy(() -> stream.read(ByteBuffer.allocate(1)));
    assertThat(stream.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInterruptEndsTheReaderAndTheStream(boolean virtual) throws Exception {
    then = Then.STALL;
    says(OPENED);
    var stream = client.open(SOMEWHERE, Isolation.none(), AMPLE);
    var read = new CompletableFuture<Integer>();
    var reader = start(virtual, read, stream);
    awaitWaiting(reader);
    reader.interrupt();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(read::get)
        .withCauseInstanceOf(ClosedByInterruptException.class);
    assertThat(stream.isOpen()).isFalse();
  }

  private static Thread start(boolean virtual, CompletableFuture<Integer> read, TorStream stream) {
    var builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    return builder.start(() -> {
      try {
        read.complete(stream.read(ByteBuffer.allocate(1)));
      } catch (IOException e) {
        read.completeExceptionally(e);
      }
    });
  }

  /** A platform thread that waits in the kernel is runnable to the JDK; its stack tells. */
  private static void awaitWaiting(Thread thread) {
    while (Arrays.stream(thread.getStackTrace())
        .noneMatch(frame -> frame.getMethodName().equals("select"))) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aWriteThatNobodyTakesEndsInTime() throws IOException {
    try (var deaf =
            LocalServer.tcp(channel -> {
              channel.write(ByteBuffer.wrap(hex(OPENED)));
              try {
                Thread.sleep(AMPLE);
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
        var stream =
            SocksClient.through(deaf.address(), TimeSource.system())
                .open(SOMEWHERE, Isolation.none(), AMPLE)) {
      stream.timeout(SHORT);
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() -> stream.write(ByteBuffer.allocate(64 << 20)));
    }
  }

  @Test
  void afterTheEndOfOutputNothingIsWritten() throws IOException {
    says(OPENED);
    try (var stream = client.open(SOMEWHERE, Isolation.none(), AMPLE)) {
      stream.shutdownOutput();
      assertThatExceptionOfType(ClosedChannelException.class)
          .isThrownBy(() -> stream.write(ByteBuffer.allocate(1)));
    }
  }

  @Test
  void aPortWhereNobodyListensIsAnError() throws IOException {
    var gone = LocalServer.tcp(_ -> {});
    var address = gone.address();
    gone.close();
    var nobody = SocksClient.through(address, TimeSource.system());
    assertThatIOException().isThrownBy(() -> nobody.open(SOMEWHERE, Isolation.none(), AMPLE));
  }

  @Test
  void aPortByNameIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            SocksClient.through(
                InetSocketAddress.createUnresolved("localhost", 9050), TimeSource.system()))
        .withMessageContaining("allowed are a numeric IP address");
  }
}
