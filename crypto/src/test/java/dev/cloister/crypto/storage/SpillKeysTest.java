package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A segment dies with its key, and no key encrypts two blocks with one nonce. */
class SpillKeysTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int RECORDS_A_BLOCK = 5;
  private static final int BLOCKS_A_SEGMENT = 4;
  private static final int RECORDS_A_SEGMENT = BLOCKS_A_SEGMENT * RECORDS_A_BLOCK;

  @TempDir Path parent = Path.of("");

  private SpillPlan plan() {
    return SpillStore.in(parent.resolve("spill"))
        .blockBytes(BLOCK_BYTES)
        .memoryBytes(0)
        .diskBytes(8L * BLOCKS_A_SEGMENT * BLOCK_BYTES)
        .passes(2);
  }

  /** Fills segments with records that are all the same. */
  private OpenStore open(int segments) throws IOException {
    var open = OpenStore.open(plan());
    for (var i = 0; i < segments * RECORDS_A_SEGMENT; i++) {
      open.append(new byte[800]);
      open.drain();
    }
    open.store().finish();
    open.drain();
    return open;
  }

  private static Segment segmentOf(OpenStore open, long record) {
    return assertPresent(open.store().blocks.segment(assertPresent(enter(open, record))));
  }

  /** Looks at a block as a reader does, and leaves it. */
  private static @Nullable Block enter(OpenStore open, long record) {
    var block = open.store().blocks.enter(record);
    if (block != null) {
      open.store().blocks.exit(block);
    }
    return block;
  }

  private static <T> T assertPresent(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("absent");
    }
    return value;
  }

  /** Reads a block and opens it, as a reader does. */
  private static void read(OpenStore open, Segment segment, int index) throws BlockDamaged {
    var stored = new DiskBuffer(BLOCK_BYTES);
    segment.read(index, stored);
    open.store().decrypt(segment, index, stored.block, new byte[BLOCK_BYTES]);
  }

  private static void assertNothingOpens(OpenStore open, Segment segment) {
    for (var i = 0; i < BLOCKS_A_SEGMENT; i++) {
      var index = i;
      assertThatThrownBy(() -> read(open, segment, index)).isInstanceOf(ContextDestroyed.class);
    }
    assertThatThrownBy(() -> segment.key.use(SecretAccess.granted(), Arrays::toString))
        .isInstanceOf(ContextDestroyed.class);
  }

  @Test
  void aReleasedSegmentIsNotOpenedThoughItsFileIsPutBack() throws IOException {
    try (var open = open(3);
        var reader = open.store().reader()) {
      var file = open.segments().get(0);
      var segment = segmentOf(open, 0);
      var copy = Files.copy(file, parent.resolve("copy"));
      open.store().release(RECORDS_A_SEGMENT - 1);
      assertThat(segment.key.isDestroyed()).isFalse();
      assertThat(file).exists();

      open.store().release(RECORDS_A_SEGMENT);
      assertThat(file).doesNotExist();
      Files.copy(copy, file);
      assertNothingOpens(open, segment);
      reader.seek(0);
      assertThat(reader.next()).isTrue();
      assertThat(reader.position()).isEqualTo(RECORDS_A_SEGMENT);
      assertThat(open.count(Loss.RELEASED)).isEqualTo(RECORDS_A_SEGMENT);
    }
  }

  /** As someone would try who kept a copy, and has all that a living process still has. */
  @Test
  void aCopyOfAReleasedSegmentOpensWithNoKeyThatIsLeft() throws IOException {
    try (var open = open(4)) {
      var codec = plan().codec();
      var left = new ArrayList<Segment>();
      for (var i = 1; i < 4; i++) {
        left.add(segmentOf(open, (long) i * RECORDS_A_SEGMENT));
      }
      var file = open.segments().getFirst();
      var released = segmentOf(open, 0);
      var copy = Files.readAllBytes(file);
      open.store().release(RECORDS_A_SEGMENT);
      for (var segment : left) {
        // Each opens its own, so that it is the key that is missing, and nothing else.
        read(open, segment, 0);
        for (var i = 0; i < BLOCKS_A_SEGMENT; i++) {
          var stored = Arrays.copyOfRange(copy, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
          var place = open.store().place(released, i);
          assertThatThrownBy(() -> codec.read(segment.key, place, stored, new byte[BLOCK_BYTES]))
              .isInstanceOf(BlockDamaged.class);
        }
      }
    } catch (BlockDamaged e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aReleaseUnderAReaderThatIsOpeningTheBlockCountsAsNoDamage() throws Exception {
    try (var open = open(1)) {
      var blocks = open.store().blocks;
      var block = assertPresent(blocks.enter(0));
      var segment = assertPresent(blocks.segment(block));
      open.store().release(RECORDS_A_SEGMENT);
      // What a reader does next finds no file, or no key, or says so of a block that is gone.
      assertThatThrownBy(() -> read(open, segment, 0)).isInstanceOf(BlockDamaged.class);
      blocks.damaged(block, Loss.MISSING);
      blocks.exit(block);
      assertThat(open.count(Loss.MISSING)).isZero();
      assertThat(open.ledger().events()).isEmpty();
    }
  }

  @Test
  void aClosedStoreOpensNothingAndTheNextRemovesWhatIsPutBack() throws IOException {
    var copies = Files.createDirectory(parent.resolve("copies"));
    try (var open = open(2)) {
      var segments = List.of(segmentOf(open, 0), segmentOf(open, RECORDS_A_SEGMENT));
      for (var file : open.segments()) {
        Files.copy(file, copies.resolve(assertPresent(file.getFileName())));
      }
      open.store().close();
      var directory = Files.createDirectory(plan().directory());
      for (var copy : OpenStore.segments(copies)) {
        Files.copy(copy, directory.resolve(assertPresent(copy.getFileName())));
      }
      segments.forEach(segment -> assertNothingOpens(open, segment));
    }
    try (var open = OpenStore.open(plan());
        var reader = open.store().reader()) {
      assertThat(open.store().removedAtOpen()).isEqualTo(2);
      assertThat(open.segments()).isEmpty();
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void noStoredBlockIsLikeAnotherThoughTheirRecordsAre() throws IOException {
    try (var open = open(4)) {
      var payloads = new HashSet<String>();
      for (var segment : open.segments()) {
        var stored = Files.readAllBytes(segment);
        for (var at = 0; at < stored.length; at += BLOCK_BYTES) {
          // Without the tag, in which the header is: under one key these would be the same.
          var payload =
              Arrays.copyOfRange(
                  stored,
                  at + SealedBlocks.HEADER_BYTES,
                  at + BLOCK_BYTES - SealedBlocks.TAG_BYTES);
          payloads.add(Arrays.toString(payload));
        }
      }
      assertThat(payloads).hasSize(4 * BLOCKS_A_SEGMENT);
    }
  }

  @Test
  void noPlaceIsGivenTwiceWhateverBecomesOfTheBlockInIt() throws IOException {
    Files.createDirectory(parent.resolve("files"));
    try (var keys = KeyRing.open(SecretMemory::onHeap)) {
      var segments = new Segments(3);
      var places = new HashSet<String>();
      for (var i = 0; i < 40; i++) {
        var block = new Block(i, true, new byte[0]);
        var drainer = i % 2;
        var segment = segments.place(block, drainer);
        if (segment == null) {
          var number = segments.newNumber();
          segments.begin(
              Segment.create(parent.resolve("files"), number, DiskAccess.ORDINARY, keys.fresh(32)),
              drainer);
          segment = assertPresent(segments.place(block, drainer));
        }
        assertThat(places.add(segment.number + ":" + block.index)).isTrue();
        if (i % 5 == 0) {
          segments.abandon(segment);
        }
        if (i % 3 == 0) {
          var ended = new ArrayList<Segment>();
          segments.leave(block, ended);
          ended.forEach(Segment::close);
        }
      }
    }
  }

  @Test
  void noKeyIsMadeAndNoFileWhileMemoryLasts() throws IOException {
    var plan = plan().memoryBytes(2 * BLOCK_BYTES);
    try (var store =
        SpillStore.open(
            plan,
            () -> {
              throw new AssertionError("a key was asked for");
            },
            Ledger.of(plan.counters()))) {
      for (var i = 0; i < 2 * RECORDS_A_BLOCK; i++) {
        assertThat(store.append(new byte[0], new byte[800], 0, 800))
            .isEqualTo(SpillStore.Answer.MEMORY);
      }
      store.finish();
      assertThat(store.drain()).isFalse();
      assertThat(OpenStore.segments(plan.directory())).isEmpty();
    }
  }

  @Test
  void keysThatAreGoneCostTheBlockAndDoNotThrow() throws IOException {
    try (var open = OpenStore.open(plan())) {
      open.append(new byte[800]);
      open.store().finish();
      open.keys().close();
      assertThat(open.store().drain()).isTrue();
      assertThat(open.count(Loss.CLOSED)).isEqualTo(1);
      assertThat(open.segments()).isEmpty();
    }
  }

  @Test
  void aSegmentThatCannotBeMadeCostsTheBlockAndLeavesNoKey() throws IOException {
    // Room for the root secret, and one key.
    var memory = SecretMemory.onHeap(2L * SealedBlocks.KEY_BYTES);
    try (var open = OpenStore.open(plan(), KeyRing.open(_ -> memory));
        var reader = open.store().reader()) {
      var inTheWay = plan().directory().resolve("segment-00000000.spill");
      Files.createDirectory(inTheWay);
      for (var i = 0; i < 3 * RECORDS_A_BLOCK; i++) {
        open.append(OpenStore.record(i, 800));
        open.drain();
      }
      assertThat(open.losses()).containsExactly(entry(Loss.WRITE_FAILED, (long) RECORDS_A_BLOCK));
      assertThat(open.segments()).hasSize(2).contains(inTheWay);
      assertThat(reader.next()).isTrue();
      assertThat(reader.position()).isEqualTo(RECORDS_A_BLOCK);
      open.store().release(Long.MAX_VALUE);
      open.store().finish();
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isZero();
    }
  }
}
