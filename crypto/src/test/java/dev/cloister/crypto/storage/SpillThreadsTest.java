package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.crypto.storage.SpillStore.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One writer, two drainers and two readers at once, with releases and an end that come when they
 * come: every record is given in order and as it was, and every record is accounted for.
 */
class SpillThreadsTest {
  private static final long NANOS_A_TEST = TimeUnit.MILLISECONDS.toNanos(1500);
  private static final int RUNS_AT_LEAST = 20;
  private static final int READERS = 2;

  @TempDir Path directory = Path.of("");

  private final ExecutorService threads = Executors.newFixedThreadPool(3 + READERS);

  /** Who gives records back. */
  private enum Releasing {
    THE_SLOWER,
    ANYONE
  }

  /** How it ends. */
  private enum Ending {
    FINISH,
    STOP,
    CLOSE
  }

  @AfterEach
  void endTheThreads() {
    threads.shutdownNow();
  }

  @Test
  void bothPassesReadEveryRecordWhenTheSlowerReleases() throws Exception {
    run(Releasing.THE_SLOWER, Ending.FINISH);
  }

  @Test
  void aReleaseUnderAReaderTakesNoRecordThatItWasGiven() throws Exception {
    run(Releasing.ANYONE, Ending.FINISH);
  }

  @Test
  void aStopUnderEveryoneLosesNothingThatWasTaken() throws Exception {
    run(Releasing.THE_SLOWER, Ending.STOP);
  }

  @Test
  void aCloseUnderEveryoneAccountsForEveryRecord() throws Exception {
    run(Releasing.ANYONE, Ending.CLOSE);
  }

  private void run(Releasing releasing, Ending ending) throws Exception {
    var start = System.nanoTime();
    for (var seed = 0; seed < RUNS_AT_LEAST || System.nanoTime() - start < NANOS_A_TEST; seed++) {
      try {
        new Race(seed, releasing, ending).run();
      } catch (AssertionError | ExecutionException | TimeoutException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /** One store, until its end. */
  private final class Race {
    private final int seed;
    private final Releasing releasing;
    private final Ending ending;
    private final int records;
    private final boolean waits;
    private final OpenStore open;
    private final SpillStore store;
    private final AtomicLong appends = new AtomicLong();
    private final AtomicLong drops = new AtomicLong();
    private final AtomicLongArray reached = new AtomicLongArray(READERS);
    private volatile boolean ended;

    Race(int seed, Releasing releasing, Ending ending) throws IOException {
      this.seed = seed;
      this.releasing = releasing;
      this.ending = ending;
      var random = new Random(seed);
      records = 100 + random.nextInt(400);
      waits = random.nextInt(3) > 0;
      open =
          OpenStore.open(
              SpillStore.in(directory.resolve("spill"))
                  .blockBytes(4096)
                  .memoryBytes(4096L * random.nextInt(5))
                  .diskBytes(4096L * (16 + random.nextInt(48)))
                  .passes(READERS));
      store = open.store();
    }

    void run() throws Exception {
      List<Future<BitSet>> given = new ArrayList<>();
      List<Future<?>> others = new ArrayList<>();
      for (var i = 0; i < READERS; i++) {
        var number = i;
        var reader = i % 2 == 0 ? store.reader() : open.ahead();
        given.add(threads.submit(() -> read(number, reader)));
      }
      var writer = threads.submit(this::write);
      others.add(writer);
      others.add(threads.submit(this::drain));
      others.add(threads.submit(this::drain));
      end(writer);
      for (var other : others) {
        other.get(30, TimeUnit.SECONDS);
      }
      var all = new BitSet();
      for (var each : given) {
        var positions = each.get(30, TimeUnit.SECONDS);
        all.or(positions);
        if (releasing == Releasing.THE_SLOWER) {
          assertThat((long) positions.cardinality()).isEqualTo(appends.get() - drops.get());
        }
      }
      assertAccountedFor(all.cardinality());
    }

    private void assertAccountedFor(long read) throws IOException {
      var account = store.accounting();
      assertThat(account.offered()).isEqualTo(appends.get());
      assertThat(account.dropped()).isEqualTo(drops.get());
      assertThat(account.read()).isEqualTo(read);
      assertThat(account.resident() + account.lost()).isEqualTo(appends.get() - drops.get() - read);
      if (releasing == Releasing.THE_SLOWER) {
        assertThat(account.lost()).isZero();
      }
      open.close();
      assertThat(store.accounting().resident()).isZero();
      assertThat(store.accounting().read()).isEqualTo(read);
      assertThat(open.ledger().tally(SpillCounter.MEMORY_BYTES).get()).isZero();
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isZero();
      assertThat(Files.exists(directory.resolve("spill"))).isFalse();
    }

    /** Ends it from outside, when the writer is somewhere. */
    private void end(Future<?> writer) throws IOException {
      var random = new Random(~seed);
      var when = random.nextInt(records);
      while (ending != Ending.FINISH && appends.get() < when && !writer.isDone()) {
        letOthersRun();
      }
      if (ending == Ending.STOP) {
        store.stop();
      } else if (ending == Ending.CLOSE) {
        store.close();
      }
      ended = ending != Ending.FINISH;
    }

    private Void write() {
      var random = new Random(seed + 1L);
      for (var i = 0; i < records; i++) {
        var number = appends.get() - drops.get();
        var record = recordOf(number);
        while (waits && !store.hasRoom(record.length) && !ended) {
          letOthersRun();
        }
        if (open.append(record) == Answer.DROPPED) {
          drops.incrementAndGet();
        }
        appends.incrementAndGet();
        pause(random);
      }
      store.finish();
      return null;
    }

    private byte[] recordOf(long number) {
      return OpenStore.record(number, (int) ((seed * 7919L + number * 104_729) % 1500));
    }

    private Void drain() throws InterruptedException {
      var random = new Random(seed + 2L);
      while (store.awaitDrainable(100_000)) {
        store.drain();
        pause(random);
      }
      return null;
    }

    private BitSet read(int which, SpillReader reader) throws InterruptedException {
      var random = new Random(seed + 3L + which);
      var positions = new BitSet();
      var last = -1L;
      try (reader) {
        while (true) {
          if (reader.next()) {
            last = check(which, reader, last);
            positions.set((int) last);
            release(which, last, random);
          } else if (reader.isOver()) {
            return positions;
          } else {
            reader.await(50_000);
          }
          if (random.nextInt(200) == 0) {
            last = Math.max(-1, last - random.nextInt(20));
            reader.seek(last + 1);
          }
          pause(random);
        }
      }
    }

    private long check(int which, SpillReader reader, long last) {
      assertThat(reader.position()).isGreaterThan(last);
      if (releasing == Releasing.THE_SLOWER) {
        assertThat(reader.position()).isLessThanOrEqualTo(reached.get(which) + 1);
      }
      assertThat(OpenStore.bytes(reader)).isEqualTo(recordOf(reader.position()));
      return reader.position();
    }

    /** Says how far this reader is, and from time to time gives back what lies behind. */
    private void release(int which, long position, Random random) {
      if (position > reached.get(which)) {
        reached.set(which, position);
      }
      if (random.nextInt(10) > 0) {
        return;
      }
      if (releasing == Releasing.ANYONE) {
        store.release(position + 1 - random.nextInt(3));
      } else {
        store.release(Math.min(reached.get(0), reached.get(1)));
      }
    }

    @SuppressWarnings("ThreadPriorityCheck") // Nothing relies on it: other orders are looked for.
    private static void letOthersRun() {
      Thread.yield();
    }

    private static void pause(Random random) {
      switch (random.nextInt(10)) {
        case 0 -> letOthersRun();
        case 1 -> {
          for (var i = random.nextInt(2000); i > 0; i--) {
            Thread.onSpinWait();
          }
        }
        default -> {}
      }
    }
  }
}
