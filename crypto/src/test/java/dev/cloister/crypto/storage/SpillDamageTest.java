package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.testing.PlainStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A damage to a file costs the records of the blocks it touches, under its own name; every other
 * record is read. All records are on disk, 5 in a block, 4 blocks in a segment.
 */
class SpillDamageTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int RECORD_BYTES = 800;
  private static final int RECORDS_A_BLOCK = 5;
  private static final int BLOCKS_A_SEGMENT = 4;

  @TempDir Path parent = Path.of("");

  private SpillPlan plan(boolean encrypted) {
    var directory = parent.resolve("spill");
    return (encrypted ? SpillStore.in(directory) : PlainStore.in(directory))
        .blockBytes(BLOCK_BYTES)
        .memoryBytes(0)
        .diskBytes(8L * BLOCKS_A_SEGMENT * BLOCK_BYTES)
        .passes(3);
  }

  private OpenStore open(boolean encrypted, int blocks) throws IOException {
    var open = OpenStore.open(plan(encrypted));
    append(open, 0, blocks);
    open.store().finish();
    open.drain();
    return open;
  }

  private static void append(OpenStore open, int firstBlock, int blocks) {
    for (var i = 0; i < blocks * RECORDS_A_BLOCK; i++) {
      open.append(OpenStore.record(firstBlock * (long) RECORDS_A_BLOCK + i, RECORD_BYTES));
      open.drain();
    }
  }

  private interface Damage {
    void on(RandomAccessFile file) throws IOException;
  }

  private static void damage(Path file, Damage damage) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      damage.on(open);
    }
  }

  private static void flip(Path file, long at, int bit) throws IOException {
    damage(
        file,
        open -> {
          open.seek(at);
          var before = open.read();
          open.seek(at);
          open.write(before ^ 1 << bit);
        });
  }

  private static byte[] block(Path file, int index) throws IOException {
    var all = Files.readAllBytes(file);
    return Arrays.copyOfRange(all, index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
  }

  private static void put(byte[] block, Path file, int index) throws IOException {
    damage(
        file,
        open -> {
          open.seek((long) index * BLOCK_BYTES);
          open.write(block);
        });
  }

  /** Reads all there is, and compares it with what was written, and with the blocks lost. */
  private static void assertLost(OpenStore open, int blocks, Loss loss, Integer... lostBlocks) {
    var lost = List.of(lostBlocks);
    var expected =
        LongStream.range(0, (long) blocks * RECORDS_A_BLOCK)
            .filter(record -> !lost.contains((int) (record / RECORDS_A_BLOCK)))
            .boxed()
            .toList();
    for (var pass = 0; pass < 2; pass++) {
      var given = new ArrayList<Long>();
      try (var reader = pass == 0 ? open.store().reader() : open.ahead()) {
        while (reader.next()) {
          given.add(reader.position());
          assertThat(OpenStore.bytes(reader))
              .isEqualTo(OpenStore.record(reader.position(), RECORD_BYTES));
        }
        assertThat(reader.isOver()).isTrue();
      }
      assertThat(given).isEqualTo(expected);
    }
    var records = (long) lost.size() * RECORDS_A_BLOCK;
    assertThat(open.losses()).containsExactly(entry(loss, records));
    assertThat(open.store().accounting())
        .isEqualTo(new Accounting((long) blocks * RECORDS_A_BLOCK, expected.size(), 0, 0, records));
    assertThat(open.ledger().events())
        .hasSameSizeAs(lost)
        .allMatch(new Entry(Event.STORE_LOSS, RECORDS_A_BLOCK)::equals);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStoreIsReadWholeWhenNothingIsDamaged(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 12);
        var reader = open.store().reader()) {
      assertThat(open.segments()).hasSize(3).allMatch(file -> file.toFile().length() == 4 * 4096);
      var read = 0;
      while (reader.next()) {
        read++;
      }
      assertThat(read).isEqualTo(60);
      assertThat(open.losses()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFlippedBitInAnyByteOfAHeaderIsAnAlteration(boolean encrypted) throws IOException {
    try (var open = open(encrypted, SealedBlocks.HEADER_BYTES)) {
      for (var at = 0; at < SealedBlocks.HEADER_BYTES; at++) {
        var start = at % BLOCKS_A_SEGMENT * BLOCK_BYTES;
        flip(open.segments().get(at / BLOCKS_A_SEGMENT), start + at, at % Byte.SIZE);
      }
      var all = LongStream.range(0, SealedBlocks.HEADER_BYTES).mapToObj(i -> (int) i);
      assertLost(open, SealedBlocks.HEADER_BYTES, Loss.ALTERED, all.toArray(Integer[]::new));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFlippedBitInAnyByteOfATagIsAnAlteration(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 20)) {
      for (var i = 0; i < SealedBlocks.TAG_BYTES; i++) {
        var end = (i % BLOCKS_A_SEGMENT + 1) * BLOCK_BYTES;
        flip(open.segments().get(i / BLOCKS_A_SEGMENT), end - 1 - i, i % Byte.SIZE);
      }
      var touched = LongStream.range(0, SealedBlocks.TAG_BYTES).mapToObj(i -> (int) i);
      assertLost(open, 20, Loss.ALTERED, touched.toArray(Integer[]::new));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFlippedBitOfAPayloadIsAnAlteration(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 12)) {
      var file = open.segments().get(1);
      flip(file, SealedBlocks.HEADER_BYTES, 0);
      flip(file, BLOCK_BYTES + BLOCK_BYTES / 2, 7);
      flip(file, 3 * BLOCK_BYTES - SealedBlocks.TAG_BYTES - 1, 3);
      assertLost(open, 12, Loss.ALTERED, 4, 5, 6);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void zerosAreAnAlteration(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 12)) {
      put(new byte[BLOCK_BYTES], open.segments().get(2), 1);
      assertLost(open, 12, Loss.ALTERED, 9);
    }
  }

  @Test
  void aShorterFileCostsTheBlocksThatAreNotWholeAnyMore() throws IOException {
    try (var open = open(true, 12)) {
      damage(open.segments().get(1), file -> file.setLength(3 * BLOCK_BYTES - 1));
      assertLost(open, 12, Loss.TRUNCATED, 6, 7);
    }
  }

  @Test
  void anEmptyFileCostsItsSegment() throws IOException {
    try (var open = open(true, 12)) {
      damage(open.segments().get(0), file -> file.setLength(0));
      assertLost(open, 12, Loss.TRUNCATED, 0, 1, 2, 3);
    }
  }

  @Test
  void aMissingFileCostsItsSegment() throws IOException {
    try (var open = open(true, 12)) {
      Files.delete(open.segments().get(1));
      assertLost(open, 12, Loss.MISSING, 4, 5, 6, 7);
    }
  }

  @Test
  void aFileThatCannotBeReadCostsItsSegment() throws IOException {
    try (var open = open(true, 12)) {
      var file = open.segments().get(2);
      Files.delete(file);
      Files.createDirectory(file);
      assertLost(open, 12, Loss.READ_FAILED, 8, 9, 10, 11);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twoSwappedFilesCostTheirSegments(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 16)) {
      var first = open.segments().get(1);
      var second = open.segments().get(2);
      var aside = parent.resolve("aside");
      Files.move(first, aside);
      Files.move(second, first);
      Files.move(aside, second);
      assertLost(open, 16, Loss.SWAPPED, 4, 5, 6, 7, 8, 9, 10, 11);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBlockCopiedOverAnotherOfItsSegmentCostsTheOther(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 12)) {
      var file = open.segments().get(1);
      put(block(file, 0), file, 2);
      assertLost(open, 12, Loss.SWAPPED, 6);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBlockOfTheSamePlaceInAnotherSegmentIsSwapped(boolean encrypted) throws IOException {
    try (var open = open(encrypted, 12)) {
      put(block(open.segments().get(0), 3), open.segments().get(2), 3);
      assertLost(open, 12, Loss.SWAPPED, 11);
    }
  }

  @Test
  void aFileAsItWasBeforeItsLastBlocksCostsThose() throws IOException {
    try (var open = OpenStore.open(plan(true))) {
      append(open, 0, 6);
      var file = open.segments().get(1);
      var earlier = Files.copy(file, parent.resolve("earlier"));
      assertThat(Files.size(earlier)).isEqualTo(BLOCK_BYTES);
      append(open, 6, 6);
      open.store().finish();
      open.drain();
      Files.move(earlier, file, StandardCopyOption.REPLACE_EXISTING);
      assertLost(open, 12, Loss.TRUNCATED, 5, 6, 7);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBlockOfTheSamePlaceInAnEarlierLifeIsSwapped(boolean encrypted) throws IOException {
    var earlier = parent.resolve("earlier");
    try (var open = open(encrypted, 12)) {
      Files.copy(open.segments().get(1), earlier);
    }
    try (var open = open(encrypted, 12)) {
      put(block(earlier, 2), open.segments().get(1), 2);
      assertLost(open, 12, Loss.SWAPPED, 6);
    }
  }

  @Test
  void aDamageFoundByOneReaderIsCountedOnceThoughAnotherHadReadSome() throws IOException {
    try (var open = open(true, 12);
        var inside = open.store().reader()) {
      for (var i = 0; i < 7; i++) {
        assertThat(inside.next()).isTrue();
      }
      flip(open.segments().get(0), BLOCK_BYTES + 100, 1);
      try (var other = open.store().reader()) {
        other.seek(5);
        assertThat(other.next()).isTrue();
        assertThat(other.position()).isEqualTo(10);
      }
      // Two of the block's five records were read before it was lost.
      assertThat(open.losses()).containsExactly(entry(Loss.ALTERED, 3L));
      assertThat(inside.next()).isTrue();
      assertThat(inside.position()).isEqualTo(10);
      assertThat(open.store().accounting()).isEqualTo(new Accounting(60, 8, 49, 0, 3));
    }
  }

  @Test
  void aDamagedBlockGivesItsRoomBackWithItsSegment() throws IOException {
    try (var open = open(true, 12)) {
      for (var i = 0; i < BLOCKS_A_SEGMENT; i++) {
        flip(open.segments().get(1), (long) i * BLOCK_BYTES + 1000, 1);
      }
      assertLost(open, 12, Loss.ALTERED, 4, 5, 6, 7);
      assertThat(open.segments()).hasSize(2);
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isEqualTo(8 * BLOCK_BYTES);
      open.store().release(60);
      assertThat(open.segments()).isEmpty();
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isZero();
    }
  }
}
