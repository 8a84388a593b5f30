package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All records are on disk, 5 in a block, a block in a segment. */
@Timeout(60)
class ReadAheadTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int RECORD_BYTES = 800;
  private static final int RECORDS_A_BLOCK = 5;
  private static final int BLOCKS = 12;
  private static final int RECORDS = BLOCKS * RECORDS_A_BLOCK;

  @TempDir Path parent = Path.of("");

  private OpenStore open;

  /** What an executor was given, and has not run. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  @BeforeEach
  void fill() throws IOException {
    open =
        OpenStore.open(
            SpillStore.in(parent.resolve("spill"))
                .blockBytes(BLOCK_BYTES)
                .memoryBytes(0)
                .diskBytes((long) BLOCKS * BLOCK_BYTES)
                .passes(3));
    for (var i = 0; i < RECORDS; i++) {
      open.append(OpenStore.record(i, RECORD_BYTES));
      open.drain();
    }
    open.store().finish();
    open.drain();
  }

  @AfterEach
  void close() throws IOException {
    open.close();
  }

  private static void assertNext(SpillReader reader, long record) {
    assertThat(reader.next()).isTrue();
    assertThat(reader.position()).isEqualTo(record);
    assertThat(OpenStore.bytes(reader)).isEqualTo(OpenStore.record(record, RECORD_BYTES));
  }

  private static void assertRest(SpillReader reader, long from) {
    for (var record = from; record < RECORDS; record++) {
      assertNext(reader, record);
    }
    assertThat(reader.next()).isFalse();
    assertThat(reader.isOver()).isTrue();
  }

  enum Threads {
    VIRTUAL,
    PLATFORM,
    THE_READERS_OWN,
    NONE_EVER,
    REFUSED;

    Executor executor() {
      return switch (this) {
        case VIRTUAL -> Thread::startVirtualThread;
        case PLATFORM -> Thread.ofPlatform()::start;
        case THE_READERS_OWN -> Runnable::run;
        case NONE_EVER -> _ -> {};
        case REFUSED ->
            _ -> {
              throw new RejectedExecutionException();
            };
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyRecordIsReadWhateverThreadsDo(Threads threads) {
    try (var reader = open.store().reader(threads.executor())) {
      assertRest(reader, 0);
    }
    assertThat(open.losses()).isEmpty();
  }

  @Test
  void theTwoBlocksAfterTheOneReadAreReadMeanwhileAndNoOther() throws IOException {
    try (var reader = open.store().reader(Runnable::run)) {
      assertNext(reader, 0);
      for (var segment : open.segments()) {
        Files.delete(segment);
      }
      for (var record = 1; record < 3 * RECORDS_A_BLOCK; record++) {
        assertNext(reader, record);
      }
      assertThat(reader.next()).isFalse();
    }
    assertThat(open.losses())
        .containsExactly(entry(Loss.MISSING, (long) RECORDS - 3 * RECORDS_A_BLOCK));
  }

  @Test
  void withoutAnExecutorNothingIsReadAhead() throws IOException {
    try (var reader = open.store().reader()) {
      assertNext(reader, 0);
      for (var segment : open.segments()) {
        Files.delete(segment);
      }
      for (var record = 1; record < RECORDS_A_BLOCK; record++) {
        assertNext(reader, record);
      }
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void twoTasksAtATimeAreGiven() {
    var most = new AtomicInteger();
    Executor late =
        task -> {
          waiting.add(task);
          most.accumulateAndGet(waiting.size(), Math::max);
        };
    try (var reader = open.store().reader(late)) {
      for (var record = 0; record < RECORDS; record++) {
        assertNext(reader, record);
        if (record % RECORDS_A_BLOCK == 2) {
          // What comes too late for its block does nothing.
          waiting.forEach(Runnable::run);
          waiting.clear();
        }
      }
    }
    assertThat(most).hasValue(2);
  }

  @ParameterizedTest
  @EnumSource
  void whoSeeksElsewhereGetsWhatIsThere(Threads threads) {
    try (var reader = open.store().reader(threads.executor())) {
      assertNext(reader, 0);
      reader.seek(33);
      assertNext(reader, 33);
      reader.seek(7);
      assertNext(reader, 7);
      reader.seek(8);
      assertRest(reader, 8);
    }
    assertThat(open.losses()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsReleasedMeanwhileIsNotGiven(Threads threads) {
    try (var reader = open.store().reader(threads.executor())) {
      assertNext(reader, 0);
      open.store().release(2L * RECORDS_A_BLOCK);
      assertRest(reader, 2L * RECORDS_A_BLOCK);
    }
  }

  @Test
  void anInterruptedReaderReadsOnAndStaysInterrupted() {
    try (var reader = open.ahead()) {
      assertNext(reader, 0);
      Thread.currentThread().interrupt();
      assertRest(reader, 1);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(open.losses()).isEmpty();
  }

  @Test
  void whatWasGivenToAThreadDoesNothingOnceTheReaderIsClosed() throws IOException {
    try (var reader = open.store().reader(waiting::add)) {
      assertNext(reader, 0);
    }
    open.close();
    assertThat(waiting).hasSize(2);
    waiting.forEach(Runnable::run);
    assertThat(parent).isEmptyDirectory();
  }
}
