package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.crypto.storage.SpillModel.Cursor;
import dev.cloister.crypto.storage.SpillStore.Answer;
import dev.cloister.crypto.testing.PlainStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store does what plain lists do, whatever the sizes and the order of what is asked of it. */
class SpillOracleTest {
  private static final int SEEDS = 320;

  @TempDir Path directory = Path.of("");

  @Test
  void aStoreDoesWhatPlainListsDo() throws IOException {
    for (var seed = 0; seed < SEEDS; seed++) {
      try (var run = new Run(seed, directory.resolve("spill"))) {
        run.all();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /** One store and one model, asked the same. */
  private static final class Run implements AutoCloseable {
    private final Random random;
    private final OpenStore open;
    private final SpillStore store;
    private final SpillModel model;
    private final List<SpillReader> readers = new ArrayList<>();
    private final List<Cursor> cursors = new ArrayList<>();
    private long appends;

    Run(int seed, Path directory) throws IOException {
      random = new Random(seed);
      var blockBytes = 4096 * (1 + random.nextInt(3));
      var plan =
          (seed % 4 == 0 ? PlainStore.in(directory) : SpillStore.in(directory))
              .blockBytes(blockBytes)
              .memoryBytes(random.nextInt(6 * blockBytes))
              .diskBytes(random.nextInt(random.nextBoolean() ? 10 * blockBytes : 60 * blockBytes))
              .passes(1 + random.nextInt(3));
      open = OpenStore.open(plan);
      store = open.store();
      model = new SpillModel(plan);
      for (var i = 0; i < plan.passes(); i++) {
        readers.add(i % 2 == 0 ? open.ahead() : store.reader());
        cursors.add(new Cursor());
      }
    }

    void all() throws IOException {
      var steps = 100 + random.nextInt(200);
      var largest = random.nextInt(store.recordBytesMax() + 2);
      for (var i = 0; i < steps; i++) {
        step(largest);
        assertSame();
      }
      store.finish();
      model.finish();
      assertSame();
      for (var i = 0; i < 20; i++) {
        step(largest);
        assertSame();
      }
      for (var i = 0; i < readers.size(); i++) {
        read(i, Integer.MAX_VALUE);
        assertThat(readers.get(i).isOver()).isTrue();
      }
      assertSame();
      var before = store.accounting();
      store.close();
      var after = store.accounting();
      assertThat(after.read()).isEqualTo(before.read());
      assertThat(after.resident()).isZero();
      assertThat(open.count(Loss.CLOSED)).isEqualTo(before.resident());
      assertThat(readers).noneMatch(SpillReader::next);
    }

    private void step(int largest) {
      var reader = random.nextInt(readers.size());
      switch (random.nextInt(20)) {
        case 0, 1, 2 -> assertThat(store.drain()).isEqualTo(model.drain());
        case 3, 4, 5, 6 -> read(reader, random.nextInt(12));
        case 7 -> {
          var record = random.nextInt(model.taken() + 3);
          readers.get(reader).seek(record);
          model.seek(cursors.get(reader), record);
        }
        case 8, 9 -> {
          var upTo = random.nextInt(model.taken() + 3);
          store.release(upTo);
          model.release(upTo);
        }
        default ->
            append(random.nextInt(20) == 0 ? random.nextInt(20_000) : random.nextInt(largest + 1));
      }
    }

    private void append(int length) {
      var record = OpenStore.record(appends, length);
      appends++;
      var room = store.hasRoom(length);
      var answer = open.append(record);
      assertThat(answer).isEqualTo(model.append(record));
      assertThat(room).isEqualTo(answer != Answer.DROPPED);
    }

    private void read(int which, int most) {
      var reader = readers.get(which);
      for (var i = 0; i < most; i++) {
        var expected = model.next(cursors.get(which));
        assertThat(reader.next()).isEqualTo(expected >= 0);
        if (expected < 0) {
          return;
        }
        assertThat(reader.position()).isEqualTo(expected);
        assertThat(OpenStore.bytes(reader)).isEqualTo(model.record(expected));
      }
    }

    private void assertSame() throws IOException {
      var account = store.accounting();
      assertThat(account).isEqualTo(model.accounting());
      assertThat(account.offered())
          .isEqualTo(appends)
          .isEqualTo(account.read() + account.resident() + account.dropped() + account.lost());
      assertThat(open.losses()).isEqualTo(model.losses());
      for (var i = 0; i < readers.size(); i++) {
        assertThat(readers.get(i).isOver()).isEqualTo(model.isOver(cursors.get(i)));
      }
      var plan = open.plan();
      assertThat(open.ledger().tally(SpillCounter.MEMORY_BYTES).get())
          .isEqualTo((model.memoryBlocks() + model.stagingBlocks()) * plan.blockBytes())
          .isLessThanOrEqualTo(
              plan.memoryBytes() + (long) SpillPlan.STAGING_BLOCKS * plan.blockBytes());
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get())
          .isEqualTo(model.diskBlocks() * plan.blockBytes())
          .isLessThanOrEqualTo(plan.diskBytes());
      if (random.nextInt(10) == 0) { // It takes longer than all the rest.
        assertThat(open.bytesOnDisk()).isEqualTo(model.filedBlocks() * plan.blockBytes());
      }
    }

    @Override
    public void close() throws IOException {
      open.close();
    }
  }
}
