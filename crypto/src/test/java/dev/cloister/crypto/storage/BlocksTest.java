package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The orders of events that threads meet once in ten thousand runs, one step after another. */
class BlocksTest {
  private static final int RECORDS_A_BLOCK = 5;

  @TempDir Path parent = Path.of("");

  /** A store whose first block waits to be written. */
  private OpenStore open() throws IOException {
    var open =
        OpenStore.open(
            SpillStore.in(parent.resolve("spill"))
                .blockBytes(4096)
                .memoryBytes(0)
                .diskBytes(64 * 4096)
                .passes(2));
    for (var i = 0; i < RECORDS_A_BLOCK + 1; i++) {
      open.append(OpenStore.record(i, 800));
    }
    return open;
  }

  private static Block taken(OpenStore open) {
    var block = open.store().blocks.takeQueued();
    if (block == null) {
      throw new AssertionError("no block waits to be written");
    }
    return block;
  }

  private static long stagingBlocks(OpenStore open) {
    return open.ledger().tally(SpillCounter.MEMORY_BYTES).get() / 4096;
  }

  private static boolean isZeroed(byte @Nullable [] payload) {
    return payload == null || Arrays.equals(payload, new byte[payload.length]);
  }

  @Test
  void aBlockThatIsReleasedAndLeftWhileItIsWrittenKeepsItsMemory() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      assertThat(reader.next()).isTrue();
      var block = taken(open);
      open.store().release(RECORDS_A_BLOCK);
      reader.seek(RECORDS_A_BLOCK);
      assertThat(isZeroed(block.payload)).isFalse();
      assertThat(stagingBlocks(open)).isEqualTo(2);
      open.store().blocks.written(block);
      assertThat(stagingBlocks(open)).isEqualTo(1);
    }
  }

  @Test
  void aBlockThatIsWrittenKeepsItsMemoryUntilTheLastReaderLeaves() throws IOException {
    try (var open = open();
        var first = open.store().reader();
        var second = open.store().reader()) {
      assertThat(first.next()).isTrue();
      assertThat(open.store().drain()).isTrue();
      assertThat(second.next()).isTrue();
      assertThat(second.bytes()).as("still in memory").isSameAs(first.bytes());
      first.seek(0);
      assertThat(stagingBlocks(open)).isEqualTo(2);
      assertThat(OpenStore.bytes(second)).isEqualTo(OpenStore.record(0, 800));
      second.seek(0);
      assertThat(stagingBlocks(open)).isEqualTo(1);
      assertThat(second.next()).isTrue();
      assertThat(OpenStore.bytes(second)).as("from disk").isEqualTo(OpenStore.record(0, 800));
    }
  }

  @Test
  void aBlockThatIsReleasedWhileItIsWrittenGivesItsDiskBackThen() throws IOException {
    try (var open = open()) {
      var blocks = open.store().blocks;
      var block = taken(open);
      blocks.place(block, 0, number -> segment(open, number));
      open.store().release(RECORDS_A_BLOCK);
      assertThat(open.segments()).hasSize(1);
      blocks.written(block);
      assertThat(open.segments()).isEmpty();
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isEqualTo(4096);
    }
  }

  private static Segment segment(OpenStore open, long number) throws IOException {
    return Segment.create(
        open.plan().directory(),
        number,
        DiskAccess.ORDINARY,
        open.keys().fresh(SealedBlocks.KEY_BYTES));
  }

  @Test
  void eachDrainerHasASegmentOfItsOwnAndLosesNoOthers() throws IOException {
    try (var open = open()) {
      for (var i = 0; i < 5 * RECORDS_A_BLOCK; i++) {
        open.append(OpenStore.record(i, 800));
      }
      var blocks = open.store().blocks;
      var lost = taken(open);
      var segment = blocks.place(lost, 0, number -> segment(open, number));
      var other = blocks.place(taken(open), 1, number -> segment(open, number));
      assertThat(other).isNotSameAs(segment);
      assertThat(blocks.place(taken(open), 0, number -> segment(open, number))).isSameAs(segment);
      blocks.notWritten(lost, Loss.DISK_FULL);
      assertThat(blocks.place(taken(open), 1, number -> segment(open, number))).isSameAs(other);
      assertThat(blocks.place(taken(open), 0, number -> segment(open, number)))
          .as("behind a hole")
          .isNotSameAs(segment);
    }
  }

  @Test
  void aBlockThatIsReleasedAndNotWrittenIsNoLossOfTheDisk() throws IOException {
    try (var open = open()) {
      var block = taken(open);
      open.store().release(RECORDS_A_BLOCK);
      open.store().blocks.notWritten(block, Loss.DISK_FULL);
      assertThat(open.count(Loss.DISK_FULL)).isZero();
      assertThat(open.count(Loss.RELEASED)).isEqualTo(RECORDS_A_BLOCK);
      assertThat(stagingBlocks(open)).isEqualTo(1);
    }
  }

  @Test
  void aReaderInsideABlockThatIsNotWrittenGoesOnBehindIt() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      assertThat(reader.next()).isTrue();
      open.store().blocks.notWritten(taken(open), Loss.DISK_FULL);
      assertThat(reader.next()).isTrue();
      assertThat(reader.position()).isEqualTo(RECORDS_A_BLOCK);
      assertThat(open.count(Loss.DISK_FULL)).isEqualTo(RECORDS_A_BLOCK - 1);
    }
  }

  @Test
  void aReaderBeforeABlockThatIsLostIsOverWhenTheStoreIs() throws Exception {
    try (var open = open();
        var reader = open.store().reader()) {
      open.store().finish();
      open.store().blocks.notWritten(taken(open), Loss.DISK_FULL);
      open.store().blocks.notWritten(taken(open), Loss.DISK_FULL);
      assertThat(reader.await(Long.MAX_VALUE)).isFalse();
      assertThat(reader.isOver()).isTrue();
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void aReaderWhoseRecordsWereAllReleasedWaitsForTheNext() throws Exception {
    try (var open = open();
        var reader = open.store().reader()) {
      open.store().release(Long.MAX_VALUE);
      var start = System.nanoTime();
      var time = TimeUnit.MILLISECONDS.toNanos(60);
      assertThat(reader.await(time)).isTrue();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(time);
      open.append(OpenStore.record(6, 800));
      assertThat(reader.await(Long.MAX_VALUE)).isTrue();
      assertThat(reader.next()).isTrue();
      assertThat(reader.position()).isEqualTo(RECORDS_A_BLOCK + 1);
    }
  }

  @Test
  void aWriterThatIsStoppedInsideABlockIsRefused() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      open.store().blocks.stop();
      assertThat(open.append(new byte[1])).isEqualTo(SpillStore.Answer.DROPPED);
      assertThat(open.count(Loss.STOPPED)).isEqualTo(1);
      for (var i = 0; i < RECORDS_A_BLOCK + 1; i++) {
        assertThat(reader.next()).isTrue();
      }
      assertThat(reader.next()).isFalse();
      assertThat(reader.isOver()).isTrue();
    }
  }

  @Test
  void whoIsInterruptedWritesAndReadsAndStaysInterrupted() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      Thread.currentThread().interrupt();
      assertThat(open.store().drain()).isTrue();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(open.store().spilledBytes()).isPositive();

      Thread.currentThread().interrupt();
      for (var i = 0; i < RECORDS_A_BLOCK; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(OpenStore.bytes(reader)).isEqualTo(OpenStore.record(i, 800));
      }
      assertThat(Thread.interrupted()).isTrue();
      assertThat(open.store().accounting().lost()).isZero();
    }
  }

  @Test
  void whatIsGivenBackIsZeroedFirst() throws IOException {
    try (var open = open()) {
      var reader = open.store().reader();
      assertThat(reader.next()).isTrue();
      var inMemory = reader.bytes();
      reader.seek(RECORDS_A_BLOCK);
      open.store().release(RECORDS_A_BLOCK);
      assertThat(isZeroed(inMemory)).isTrue();

      assertThat(reader.next()).isTrue();
      var ofTheLast = reader.bytes();
      open.store().close();
      assertThat(isZeroed(ofTheLast)).as("a reader is inside").isFalse();
      reader.close();
      assertThat(isZeroed(ofTheLast)).isTrue();
    }
  }

  @Test
  void aReaderThatClosesZeroesWhatItHadDecryptedAndGivesNothing() throws IOException {
    try (var open = open()) {
      open.drain();
      var reader = open.store().reader();
      assertThat(reader.next()).isTrue();
      var decrypted = reader.bytes();
      assertThat(isZeroed(decrypted)).isFalse();
      reader.close();
      assertThat(isZeroed(decrypted)).isTrue();
      assertThat(reader.next()).isFalse();
      assertThat(reader.isOver()).isTrue();
    }
  }

  /** Starts a thread, and returns when it waits. */
  private static Thread waiting(Callable<Boolean> wait) {
    var thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                wait.call();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  private static void assertEnds(Thread... threads) throws InterruptedException {
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void whoeverWaitsIsWokenByAFullBlockAndByTheEnd() throws Exception {
    try (var open = open();
        var reader = open.store().reader()) {
      var store = open.store();
      open.drain();
      reader.seek(RECORDS_A_BLOCK + 1);
      var drainer = waiting(() -> store.awaitDrainable(Long.MAX_VALUE));
      var reading = waiting(() -> reader.await(Long.MAX_VALUE));
      for (var i = 0; i < RECORDS_A_BLOCK; i++) {
        open.append(new byte[800]);
      }
      assertEnds(drainer, reading);

      open.drain();
      reader.seek(1000);
      drainer = waiting(() -> store.awaitDrainable(Long.MAX_VALUE));
      reading = waiting(() -> reader.await(Long.MAX_VALUE));
      store.stop();
      assertEnds(drainer, reading);
    }
  }

  /** A block's number that one thread raises until another ends it. */
  private interface Ending {
    /** Raises it as far as it goes; returns how far that was. */
    int raise(Block block);

    /** Ends it; returns how far it had come. */
    int end(Block block);
  }

  private static void assertEndsExactly(Ending ending) throws Exception {
    try (var other = Executors.newSingleThreadExecutor()) {
      for (var round = 0; round < 60; round++) {
        var blocks = new Block[5000];
        Arrays.setAll(blocks, i -> new Block(0, false, new byte[0]));
        var started = new CountDownLatch(2);
        var raised =
            other.submit(() -> {
              started.countDown();
              started.await();
              return Arrays.stream(blocks).mapToInt(ending::raise).toArray();
            });
        started.countDown();
        started.await();
        var ended = Arrays.stream(blocks).mapToInt(ending::end).toArray();
        assertThat(ended).isEqualTo(raised.get());
      }
    }
  }

  @Test
  void aRecordIsCommittedBeforeTheTailEndsOrNotAtAll() throws Exception {
    assertEndsExactly(
        new Ending() {
          @Override
          public int raise(Block block) {
            var records = 0;
            while (block.commit(records + 1)) {
              records++;
            }
            return records;
          }

          @Override
          public int end(Block block) {
            block.end();
            return block.records();
          }
        });
  }

  @Test
  void aRecordIsGivenBeforeTheReadMarkEndsOrNotAtAll() throws Exception {
    assertEndsExactly(
        new Ending() {
          @Override
          public int raise(Block block) {
            var records = 0;
            while (block.raiseRead(records + 1) >= 0) {
              records++;
            }
            return records;
          }

          @Override
          public int end(Block block) {
            return block.endRead();
          }
        });
  }
}
