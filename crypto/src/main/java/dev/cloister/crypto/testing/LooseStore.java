package dev.cloister.crypto.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.Loss;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillReader;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.crypto.storage.SpillStore.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A store that was opened as a seal opens it, but in no context; and records whose bytes follow
 * from their numbers.
 *
 * @param store the store
 * @param ledger its counters
 * @param keys its keys
 * @param directory where it writes
 */
record LooseStore(SpillStore store, Ledger ledger, KeyRing keys, Path directory)
    implements AutoCloseable {
  static final int BLOCK_BYTES = 4096;

  /** Five records of this size fill a block. */
  static final int RECORD_BYTES = 800;

  static final int RECORDS_A_BLOCK = 5;

  /** Opens a store with room for some blocks in memory, and some on disk. */
  static LooseStore open(SpillPlan plan, int memoryBlocks, int diskBlocks) throws IOException {
    var sized =
        plan.blockBytes(BLOCK_BYTES)
            .memoryBytes((long) memoryBlocks * BLOCK_BYTES)
            .diskBytes((long) diskBlocks * BLOCK_BYTES);
    var keys = KeyRing.open(SecretMemory::onHeap);
    var ledger = Ledger.of(sized.counters());
    var pass = new EgressPass(ContextId.random(new SecureRandom()));
    var store = sized.open(new Opening(Mode.LAB, TimeSource.system(), ledger, () -> keys, pass));
    return new LooseStore(store, ledger, keys, sized.directory());
  }

  @Override
  public void close() throws IOException {
    try (keys) {
      store.close();
    }
  }

  static byte[] record(long number, int bytes) {
    var record = new byte[bytes];
    new Random(number).nextBytes(record);
    return record;
  }

  Answer append(byte[] record) {
    return store.append(new byte[0], record, 0, record.length);
  }

  Answer append(long number) {
    return append(record(number, RECORD_BYTES));
  }

  /** Appends whole blocks; each answer is that of every record in the block. */
  List<Answer> appendBlocks(int firstRecord, int blocks) {
    var answers = new ArrayList<Answer>();
    for (var i = 0; i < blocks * RECORDS_A_BLOCK; i++) {
      var answer = append(firstRecord + i);
      if (i % RECORDS_A_BLOCK == 0) {
        answers.add(answer);
      }
      assertEquals(answers.getLast(), answer);
    }
    return answers;
  }

  void drain() {
    while (store.drain()) {
      // One block a time.
    }
  }

  static byte[] bytes(SpillReader reader) {
    return Arrays.copyOfRange(reader.bytes(), reader.offset(), reader.offset() + reader.length());
  }

  /** Reads the records from one number to another, and no further. */
  static void assertReads(SpillReader reader, long from, long to) {
    for (var number = from; number < to; number++) {
      assertTrue(reader.next(), "record " + number);
      assertEquals(number, reader.position());
      assertArrayEquals(record(number, RECORD_BYTES), bytes(reader));
    }
  }

  long count(Loss loss) {
    return ledger.tally(loss).get();
  }

  long bytesOnDisk() throws IOException {
    var sum = 0L;
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
