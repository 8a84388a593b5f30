package dev.cloister.sandbox.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link CellChannel} does, the fake and the real one; extend it in a test of yours. */
public abstract class CellChannelContract {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final int LARGE_BYTES = 3_000_000;

  private CellChannels.Pair pair = CellChannels.pair();

  /** For subclasses. */
  protected CellChannelContract() {}

  /**
   * Opens two ends that are connected to each other.
   *
   * @return both, which the contract closes
   * @throws IOException when they cannot be opened
   */
  protected abstract CellChannels.Pair open() throws IOException;

  /**
   * Returns what talks at one end while the test does at the other.
   *
   * @return one with as many threads as there are tasks; the subclass closes it after each test
   */
  protected abstract ExecutorService tasks();

  @BeforeEach
  final void openThePair() throws IOException {
    pair = open();
    pair.client().timeout(LONG_ENOUGH);
    pair.server().timeout(LONG_ENOUGH);
  }

  @AfterEach
  final void closeThePair() throws Exception {
    pair.client().close();
    pair.server().close();
  }

  private static byte[] read(CellChannel from, int count) throws IOException {
    var into = ByteBuffer.allocate(count);
    while (into.hasRemaining() && from.read(into) >= 0) {
      assertTrue(into.position() > 0);
    }
    return into.flip().remaining() == count ? into.array() : new byte[0];
  }

  private static byte[] random(int count) {
    var bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private <T> Future<T> elsewhere(Callable<T> task) {
    return tasks().submit(task);
  }

  private static <T> T got(Future<T> future) throws Exception {
    return Objects.requireNonNull(future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS));
  }

  private static @Nullable Throwable failed(Future<?> future) {
    return assertThrows(ExecutionException.class, () -> got(future)).getCause();
  }

  @Test
  final void bytesComeInOrderBothWaysAtOnce() throws Exception {
    var bytes = random(LARGE_BYTES);
    var there = elsewhere(() -> pair.client().write(ByteBuffer.wrap(bytes)));
    var back = elsewhere(() -> pair.server().write(ByteBuffer.wrap(bytes)));
    var read = elsewhere(() -> read(pair.client(), LARGE_BYTES));
    assertArrayEquals(bytes, read(pair.server(), LARGE_BYTES));
    assertArrayEquals(bytes, got(read));
    assertEquals(LARGE_BYTES, got(there));
    assertEquals(LARGE_BYTES, got(back));
  }

  @Test
  final void aReadGivesWhatThereIs() throws IOException {
    pair.client().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    var into = ByteBuffer.allocate(100);
    assertTrue(pair.server().read(into) > 0);
    assertEquals(0, pair.server().read(ByteBuffer.allocate(0)));
  }

  @Test
  final void aReadThatGotNothingInTimeLeavesTheChannelUsable() throws IOException {
    pair.server().timeout(SHORT);
    assertThrows(SocketTimeoutException.class, () -> pair.server().read(ByteBuffer.allocate(1)));
    pair.server().timeout(LONG_ENOUGH);
    pair.client().write(ByteBuffer.wrap(new byte[] {7}));
    assertArrayEquals(new byte[] {7}, read(pair.server(), 1));
  }

  @Test
  final void aWriteThatNobodyReadsEndsInTime() {
    pair.client().timeout(SHORT);
    var bytes = ByteBuffer.allocate(64 << 20);
    assertThrows(SocketTimeoutException.class, () -> pair.client().write(bytes));
  }

  @Test
  final void whatWasWrittenBeforeTheOtherSideClosedIsReadAndThenTheEnd() throws IOException {
    pair.client().write(ByteBuffer.wrap(new byte[] {1, 2}));
    pair.client().close();
    assertArrayEquals(new byte[] {1, 2}, read(pair.server(), 2));
    assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
  }

  @Test
  final void closingEndsAReadThatWaits() throws Exception {
    var reading = elsewhere(() -> pair.server().read(ByteBuffer.allocate(1)));
    assertThrows(Exception.class, () -> reading.get(SHORT.toMillis(), TimeUnit.MILLISECONDS));
    pair.server().close();
    assertTrue(failed(reading) instanceof ClosedChannelException);
  }

  @Test
  final void closingEndsAWriteThatWaits() throws Exception {
    var writing = elsewhere(() -> pair.server().write(ByteBuffer.allocate(64 << 20)));
    assertThrows(Exception.class, () -> writing.get(SHORT.toMillis(), TimeUnit.MILLISECONDS));
    pair.server().close();
    assertTrue(failed(writing) instanceof ClosedChannelException);
  }

  @Test
  final void anInterruptEndsAReadThatWaits() throws Exception {
    var reading =
        elsewhere(() -> {
          Thread.currentThread().interrupt();
          return assertThrows(IOException.class, () -> pair.server().read(ByteBuffer.allocate(1)));
        });
    got(reading);
  }

  @Test
  final void aClosedChannelDoesNothingMore() throws IOException {
    pair.client().close();
    pair.client().close();
    assertFalse(pair.client().isOpen());
    assertThrows(ClosedChannelException.class, () -> pair.client().read(ByteBuffer.allocate(1)));
    assertThrows(ClosedChannelException.class, () -> pair.client().write(ByteBuffer.allocate(1)));
  }

  @Test
  final void aTimeoutOfNothingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> pair.client().timeout(Duration.ZERO));
  }
}
