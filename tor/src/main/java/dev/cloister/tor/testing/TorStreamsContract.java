package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.socks.TorStreams;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What streams do that can be relied on, be they of a real tor that has a network, or of {@link
 * FakeTor}, on the system's clock; extend it in a test of yours, and say how they are opened.
 */
public abstract class TorStreamsContract {
  private static final Duration AMPLE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final int LONG_BYTES = 1 << 20;

  private Listener listener;

  /** For subclasses; a listener is there before each test. */
  @SuppressWarnings("NullAway") // JUnit calls listening() before anything else
  protected TorStreamsContract() {}

  /** A server that the streams can reach. */
  protected interface Listener extends Closeable {

    /**
     * Returns where it listens.
     *
     * @return an address
     */
    Destination destination();

    /**
     * Accepts a stream.
     *
     * @return the server's end
     * @throws IOException when none comes
     */
    ByteChannel accept() throws IOException;
  }

  /**
   * Opens streams.
   *
   * @return through the tor that is tested
   */
  protected abstract TorStreams streams();

  /**
   * Listens.
   *
   * @return a server at a port of its own, which the contract closes
   * @throws IOException when it cannot
   */
  protected abstract Listener listen() throws IOException;

  /**
   * Returns what runs a second thread.
   *
   * @return tasks of it run at once
   */
  protected abstract Executor executor();

  @BeforeEach
  final void listening() throws IOException {
    listener = listen();
  }

  @AfterEach
  final void listeningNoMore() throws IOException {
    listener.close();
  }

  private TorStream open(Destination to) throws IOException {
    return streams().open(to, Isolation.named("contract", "x"), AMPLE);
  }

  private static String read(ByteChannel from, int bytes) throws IOException {
    var buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && from.read(buffer) >= 0) {
      // until all of it came, or no more will
    }
    return US_ASCII.decode(buffer.flip()).toString();
  }

  private static void write(ByteChannel into, String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
    while (bytes.hasRemaining()) {
      into.write(bytes);
    }
  }

  @Test
  final void whatOneSideWritesTheOtherReads() throws IOException {
    try (var near = open(listener.destination());
        var far = listener.accept()) {
      write(near, "ping");
      assertEquals("ping", read(far, 4));
      write(far, "pong!");
      assertEquals("pong!", read(near, 5));
    }
  }

  @Test
  final void moreThanAnyBufferHoldsArrivesInOrder() throws IOException {
    var sent = new byte[LONG_BYTES];
    new Random(20_261_122).nextBytes(sent);
    try (var near = open(listener.destination());
        var far = listener.accept()) {
      var writing = inBackground(() -> near.write(ByteBuffer.wrap(sent)));
      var received = ByteBuffer.allocate(LONG_BYTES);
      while (received.hasRemaining() && far.read(received) >= 0) {
        // until all of it came
      }
      assertEquals(ByteBuffer.wrap(sent), received.flip());
      assertEquals(LONG_BYTES, writing.join());
    }
  }

  private interface Task<T> {
    T run() throws IOException;
  }

  private <T> CompletableFuture<T> inBackground(Task<T> task) {
    var result = new CompletableFuture<T>();
    executor()
        .execute(() -> {
          try {
            result.complete(task.run());
          } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Test
  final void theEndOfOutputReachesTheOtherSideBehindWhatWasWritten() throws IOException {
    try (var near = open(listener.destination());
        var far = listener.accept()) {
      write(near, "all");
      near.shutdownOutput();
      assertEquals("all", read(far, 100));
      assertThrows(ClosedChannelException.class, () -> write(near, "more"));
    }
  }

  @Test
  final void whatWasSentBeforeTheOtherSideClosedIsReadAndThenItsEnd() throws IOException {
    try (var near = open(listener.destination())) {
      try (var far = listener.accept()) {
        write(far, "goodbye");
      }
      assertEquals("goodbye", read(near, 100));
      assertEquals(-1, near.read(ByteBuffer.allocate(1)));
    }
  }

  @Test
  final void aDestinationWhereNobodyListensIsRefused() throws IOException {
    var gone = listen();
    gone.close();
    refused(SocksCode.GENERAL_FAILURE, gone.destination());
  }

  @Test
  final void anOnionServiceThatNobodyServesIsNotFound() {
    refused(SocksCode.ONION_NOT_FOUND, new Destination(TorControlContract.STRANGER.text(), 80));
  }

  @Test
  final void anOnionAddressThatIsNoneIsRefused() {
    refused(SocksCode.ONION_BAD_ADDRESS, new Destination("a".repeat(56) + ".onion", 80));
  }

  private void refused(SocksCode code, Destination to) {
    assertEquals(code, assertThrows(SocksFailure.class, () -> open(to).close()).code());
  }

  @Test
  final void aReadWithoutBytesTimesOutAndTheStreamGoesOn() throws IOException {
    try (var near = open(listener.destination());
        var far = listener.accept()) {
      near.timeout(SHORT);
      assertThrows(SocketTimeoutException.class, () -> near.read(ByteBuffer.allocate(1)));
      near.timeout(AMPLE);
      write(far, "late");
      assertEquals("late", read(near, 4));
    }
  }

  @Test
  final void aWriteThatNobodyReadsTimesOut() throws IOException {
    try (var near = open(listener.destination());
        var far = listener.accept()) {
      near.timeout(SHORT);
      assertThrows(
          SocketTimeoutException.class, () -> near.write(ByteBuffer.allocate(64 * LONG_BYTES)));
      assertEquals(4, read(far, 4).length());
    }
  }

  @Test
  final void closingWakesAReader() throws IOException {
    var near = open(listener.destination());
    try (var far = listener.accept()) {
      var reading = inBackground(() -> near.read(ByteBuffer.allocate(1)));
      near.timeout(AMPLE);
      near.close();
      var thrown = assertThrows(RuntimeException.class, reading::join);
      assertInstanceOf(ClosedChannelException.class, thrown.getCause());
      assertFalse(near.isOpen());
      assertEquals(-1, far.read(ByteBuffer.allocate(1)));
    }
  }

  @Test
  final void aClosedStreamIsNeitherReadNorWritten() throws IOException {
    var near = open(listener.destination());
    try (var far = listener.accept()) {
      near.close();
      near.close();
      assertThrows(ClosedChannelException.class, () -> near.read(ByteBuffer.allocate(1)));
      assertThrows(ClosedChannelException.class, () -> near.write(ByteBuffer.allocate(1)));
      assertEquals("", read(far, 1));
    }
  }
}
