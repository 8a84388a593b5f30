package dev.cloister.crypto.storage;

import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.SpillStore.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A store with keys and a ledger of its own, whose cipher is not warmed up. */
record OpenStore(SpillStore store, SpillPlan plan, Ledger ledger, KeyRing keys)
    implements AutoCloseable {

  static OpenStore open(SpillPlan plan) throws IOException {
    return open(plan, KeyRing.open(SecretMemory::onHeap));
  }

  static OpenStore open(SpillPlan plan, KeyRing keys) throws IOException {
    var ledger = Ledger.of(plan.counters());
    return new OpenStore(SpillStore.open(plan, () -> keys, ledger), plan, ledger, keys);
  }

  @Override
  public void close() throws IOException {
    try (keys) {
      store.close();
    }
  }

  /** A record whose bytes follow from a number. */
  static byte[] record(long number, int bytes) {
    var record = new byte[bytes];
    new Random(number * 31 + bytes).nextBytes(record);
    return record;
  }

  Answer append(byte[] record) {
    var head = record.length / 3;
    return store.append(Arrays.copyOf(record, head), record, head, record.length - head);
  }

  void drain() {
    while (store.drain()) {
      // One block a time.
    }
  }

  /** Opens a pass that reads ahead in threads of its own. */
  SpillReader ahead() {
    return store.reader(Thread::startVirtualThread);
  }

  static byte[] bytes(SpillReader reader) {
    return Arrays.copyOfRange(reader.bytes(), reader.offset(), reader.offset() + reader.length());
  }

  long count(Loss loss) {
    return ledger.tally(loss).get();
  }

  /** The losses that there were. */
  Map<Loss, Long> losses() {
    var losses = new EnumMap<Loss, Long>(Loss.class);
    for (var loss : Loss.values()) {
      if (count(loss) > 0) {
        losses.put(loss, count(loss));
      }
    }
    return losses;
  }

  /** The files of records, oldest first. */
  List<Path> segments() {
    return segments(plan.directory());
  }

  static List<Path> segments(Path directory) {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("segment-"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long bytesOnDisk() throws IOException {
    var sum = 0L;
    for (var segment : segments()) {
      sum += Files.size(segment);
    }
    return sum;
  }
}
