package dev.cloister.crypto.testing;

import static dev.cloister.crypto.testing.LooseStore.BLOCK_BYTES;
import static dev.cloister.crypto.testing.LooseStore.RECORDS_A_BLOCK;
import static dev.cloister.crypto.testing.LooseStore.RECORD_BYTES;
import static dev.cloister.crypto.testing.LooseStore.assertReads;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.core.Description;
import dev.cloister.crypto.storage.Loss;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.storage.SpillStore.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the store of every {@link SpillPlan} does, the fake and the real one; extend it in a test of
 * yours. The store is opened as a seal opens it, in a directory of its own, with small blocks.
 */
public abstract class SpillStoreContract {
  @TempDir private Path parent = Path.of("");

  /** For subclasses. */
  protected SpillStoreContract() {}

  /**
   * Declares the store under test; its sizes are set here.
   *
   * @param directory where it writes
   * @return a plan that is not open yet
   */
  protected abstract SpillPlan plan(Path directory);

  private Path directory() {
    return parent.resolve("spill");
  }

  private LooseStore open(int memoryBlocks, int diskBlocks) throws IOException {
    return LooseStore.open(plan(directory()), memoryBlocks, diskBlocks);
  }

  @Test
  final void recordsOfEverySizeComeBackInOrder() throws IOException {
    try (var loose = open(3, 1000);
        var reader = loose.store().reader()) {
      var largest = loose.store().recordBytesMax();
      var sizes = new ArrayList<>(List.of(0, 1, 2, largest, 0, 0));
      new Random(1).ints(300, 0, largest + 1).forEach(sizes::add);
      for (var i = 0; i < sizes.size(); i++) {
        assertNotEquals(Answer.DROPPED, loose.append(LooseStore.record(i, sizes.get(i))));
        loose.drain();
      }
      loose.store().finish();
      loose.drain();
      for (var i = 0; i < sizes.size(); i++) {
        assertTrue(reader.next());
        assertEquals(i, reader.position());
        assertArrayEquals(LooseStore.record(i, sizes.get(i)), LooseStore.bytes(reader));
      }
      assertFalse(reader.next());
      assertTrue(reader.isOver());
    }
  }

  @Test
  final void aRecordIsItsTwoPiecesJoined() throws IOException {
    try (var loose = open(1, 1);
        var reader = loose.store().reader()) {
      var store = loose.store();
      store.append(new byte[] {1, 2}, new byte[] {9, 3, 4, 9}, 1, 2);
      assertThrows(
          IndexOutOfBoundsException.class, () -> store.append(new byte[1], new byte[4], 3, 2));
      assertTrue(reader.next());
      assertArrayEquals(new byte[] {1, 2, 3, 4}, LooseStore.bytes(reader));
      assertEquals(new Accounting(1, 1, 0, 0, 0), store.accounting());
    }
  }

  @Test
  final void whileMemoryLastsNothingIsWritten() throws IOException {
    try (var loose = open(3, 4)) {
      assertEquals(List.of(Answer.MEMORY, Answer.MEMORY, Answer.MEMORY), loose.appendBlocks(0, 3));
      loose.store().finish();
      assertFalse(loose.store().drain());
      assertEquals(0, loose.store().spilledBytes());
      assertEquals(0, loose.bytesOnDisk());
    }
  }

  @Test
  final void whatMemoryCannotHoldGoesToDiskInWholeBlocks() throws IOException {
    try (var loose = open(1, 8);
        var reader = loose.store().reader()) {
      assertEquals(List.of(Answer.MEMORY, Answer.DISK, Answer.DISK), loose.appendBlocks(0, 3));
      loose.store().finish();
      assertEquals(0, loose.bytesOnDisk());
      assertTrue(loose.store().drain());
      assertTrue(loose.store().drain());
      assertFalse(loose.store().drain());
      assertEquals(2 * BLOCK_BYTES, loose.store().spilledBytes());
      assertEquals(2 * BLOCK_BYTES, loose.bytesOnDisk());
      assertReads(reader, 0, 15);
    }
  }

  @Test
  final void aRecordIsReadBeforeItsBlockIsFullAndBeforeItIsWritten() throws IOException {
    try (var loose = open(0, 8);
        var reader = loose.store().reader()) {
      for (var i = 0; i < 2 * RECORDS_A_BLOCK; i++) {
        loose.append(i);
        assertReads(reader, i, i + 1);
        assertFalse(reader.next());
        assertFalse(reader.isOver());
      }
      assertEquals(0, loose.store().spilledBytes());
    }
  }

  @Test
  final void whatNeitherMemoryNorDiskHoldsIsDroppedAndCounted() throws IOException {
    try (var loose = open(1, 2);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 3);
      loose.drain();
      assertFalse(loose.store().hasRoom(RECORD_BYTES));
      assertEquals(Answer.DROPPED, loose.append(15));
      assertEquals(1, loose.count(Loss.NO_ROOM));
      assertEquals(new Accounting(16, 0, 15, 1, 0), loose.store().accounting());
      loose.store().release(RECORDS_A_BLOCK);
      assertTrue(loose.store().hasRoom(RECORD_BYTES));
      assertEquals(Answer.MEMORY, loose.append(15));
      assertReads(reader, RECORDS_A_BLOCK, 16);
    }
  }

  @Test
  final void aRecordLargerThanABlockIsDroppedAndCounted() throws IOException {
    try (var loose = open(4, 4)) {
      var large = new byte[loose.store().recordBytesMax() + 1];
      assertFalse(loose.store().hasRoom(large.length));
      assertEquals(Answer.DROPPED, loose.append(large));
      assertEquals(1, loose.count(Loss.TOO_LARGE));
      assertEquals(new Accounting(1, 0, 0, 1, 0), loose.store().accounting());
    }
  }

  @Test
  final void aReaderGoesToAnyRecord() throws IOException {
    try (var loose = open(2, 8);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 6);
      loose.drain();
      for (var from : new int[] {17, 3, 29, 0, 12, 10, 9}) {
        reader.seek(from);
        assertReads(reader, from, 30);
        assertFalse(reader.next());
      }
    }
  }

  @Test
  final void aReaderThatGoesBeyondTheEndIsGivenThatRecordWhenItComes() throws IOException {
    try (var loose = open(2, 8);
        var reader = loose.store().reader()) {
      loose.append(0);
      reader.seek(7);
      for (var i = 1; i < 7; i++) {
        assertFalse(reader.next());
        loose.append(i);
      }
      loose.append(7);
      assertReads(reader, 7, 8);
    }
  }

  @Test
  final void eachDeclaredPassReadsEveryRecordAndNoOtherIsOpened() throws IOException {
    try (var loose = LooseStore.open(plan(directory()).passes(2), 1, 8);
        var first = loose.store().reader()) {
      loose.appendBlocks(0, 3);
      assertReads(first, 0, 15);
      loose.drain();
      try (var second = loose.store().reader()) {
        assertReads(second, 0, 15);
      }
      assertThrows(IllegalStateException.class, () -> loose.store().reader());
      assertEquals(new Accounting(15, 15, 0, 0, 0), loose.store().accounting());
    }
  }

  @Test
  final void aReleasedRecordIsGivenToNoReaderAndCountedIfNoneHadIt() throws IOException {
    try (var loose = open(1, 8);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 4);
      loose.drain();
      assertReads(reader, 0, 2);
      loose.store().release(8);
      assertEquals(6, loose.count(Loss.RELEASED));
      assertEquals(new Accounting(20, 2, 12, 0, 6), loose.store().accounting());
      reader.seek(0);
      assertReads(reader, 8, 20);
      loose.store().release(3);
      assertEquals(new Accounting(20, 14, 0, 0, 6), loose.store().accounting());
    }
  }

  @Test
  final void whatIsReleasedMakesRoomInMemory() throws IOException {
    try (var loose = open(1, 1);
        var reader = loose.store().reader()) {
      for (var first = 0; first < 100; first += 2 * RECORDS_A_BLOCK) {
        assertEquals(List.of(Answer.MEMORY, Answer.DISK), loose.appendBlocks(first, 2));
        assertReads(reader, first, first + 2 * RECORDS_A_BLOCK);
        reader.seek(0);
        loose.store().release(Long.MAX_VALUE);
      }
    }
  }

  @Test
  final void whatIsReleasedMakesRoomOnDisk() throws IOException {
    try (var loose = open(0, 2);
        var reader = loose.store().reader()) {
      for (var first = 0; first < 100; first += RECORDS_A_BLOCK) {
        assertEquals(List.of(Answer.DISK), loose.appendBlocks(first, 1));
        loose.drain();
        assertReads(reader, first, first + RECORDS_A_BLOCK);
        assertEquals(first == 0 ? 0 : BLOCK_BYTES, loose.bytesOnDisk());
        loose.store().release(first);
        assertEquals(0, loose.bytesOnDisk());
      }
    }
  }

  @Test
  final void whatIsReleasedWhileItsBlockIsFilledIsNotWritten() throws IOException {
    try (var loose = open(0, 4)) {
      loose.appendBlocks(0, 1);
      loose.store().release(RECORDS_A_BLOCK);
      loose.store().finish();
      assertFalse(loose.store().drain());
      assertEquals(0, loose.bytesOnDisk());
    }
  }

  @Test
  final void aWriterThatWaitsForRoomIsGivenTheBlockThatItHadFilledItself() throws IOException {
    try (var loose = open(1, 0);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 1);
      assertFalse(loose.store().hasRoom(RECORD_BYTES));
      assertReads(reader, 0, RECORDS_A_BLOCK);
      reader.seek(0);
      loose.store().release(RECORDS_A_BLOCK);
      assertTrue(loose.store().hasRoom(RECORD_BYTES));
    }
  }

  @Test
  final void whatAReaderWasGivenStaysUntilItGoesOn() throws IOException {
    try (var loose = LooseStore.open(plan(directory()).passes(2), 1, 4);
        var inMemory = loose.store().reader();
        var onDisk = loose.store().reader()) {
      loose.appendBlocks(0, 2);
      loose.store().finish();
      loose.drain();
      assertReads(inMemory, 0, 1);
      onDisk.seek(5);
      assertReads(onDisk, 5, 6);
      loose.store().release(Long.MAX_VALUE);
      loose.store().close();
      assertArrayEquals(LooseStore.record(0, RECORD_BYTES), LooseStore.bytes(inMemory));
      assertArrayEquals(LooseStore.record(5, RECORD_BYTES), LooseStore.bytes(onDisk));
      assertFalse(inMemory.next());
      assertFalse(onDisk.next());
    }
  }

  @Test
  final void afterFinishWhatIsLeftIsDrainedAndReadAndNothingIsTaken() throws Exception {
    assertEndsInOrder(SpillStore::finish);
  }

  @Test
  final void afterStopWhatIsLeftIsDrainedAndReadAndNothingIsTaken() throws Exception {
    assertEndsInOrder(SpillStore::stop);
  }

  private void assertEndsInOrder(Consumer<SpillStore> end) throws Exception {
    try (var loose = open(1, 4);
        var reader = loose.store().reader()) {
      var store = loose.store();
      loose.appendBlocks(0, 1);
      loose.append(5);
      assertFalse(store.drain());
      end.accept(store);
      assertFalse(store.hasRoom(0));
      assertEquals(Answer.DROPPED, loose.append(6));
      assertEquals(1, loose.count(Loss.STOPPED));
      assertTrue(store.awaitDrainable(Long.MAX_VALUE));
      assertTrue(store.drain());
      assertFalse(store.awaitDrainable(Long.MAX_VALUE));
      assertTrue(reader.await(Long.MAX_VALUE));
      assertReads(reader, 0, 6);
      assertFalse(reader.next());
      assertTrue(reader.isOver());
      assertFalse(reader.await(Long.MAX_VALUE));
      assertEquals(new Accounting(7, 6, 0, 1, 0), store.accounting());
    }
  }

  @Test
  final void aReaderIsOverWhenWhatItHadNotReadIsReleased() throws IOException {
    try (var loose = open(1, 4);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 2);
      loose.store().finish();
      assertFalse(reader.isOver());
      loose.store().release(10);
      assertFalse(reader.next());
      assertTrue(reader.isOver());
    }
  }

  @Test
  final void whoWaitsWaitsNoLongerThanAsked() throws Exception {
    try (var loose = open(1, 4);
        var reader = loose.store().reader()) {
      assertTrue(loose.store().awaitDrainable(1));
      assertTrue(reader.await(1));
      assertFalse(reader.next());
    }
  }

  @Test
  final void closingDestroysEverythingAndRemovesWhatItWrote() throws IOException {
    try (var loose = open(1, 4);
        var reader = loose.store().reader()) {
      loose.appendBlocks(0, 3);
      loose.drain();
      assertReads(reader, 0, 2);
      loose.store().close();
      assertFalse(Files.exists(directory()));
      assertFalse(reader.next());
      assertTrue(reader.isOver());
      assertFalse(loose.store().drain());
      assertEquals(13, loose.count(Loss.CLOSED));
      assertEquals(Answer.DROPPED, loose.append(15));
      assertEquals(new Accounting(16, 2, 0, 1, 13), loose.store().accounting());
    }
  }

  @Test
  final void whatWasInTheDirectoryBeforeStaysThere() throws IOException {
    Files.createDirectories(directory());
    var other = Files.writeString(directory().resolve("other.txt"), "not ours");
    open(0, 4).close();
    try (var left = Files.list(directory())) {
      assertEquals(List.of(other), left.toList());
    }
  }

  @Test
  final void aDirectoryIsHeldByOneStoreAtATime() throws IOException {
    try (var loose = open(0, 4);
        var reader = loose.store().reader()) {
      var refused = assertThrows(IOException.class, () -> open(0, 4));
      assertTrue(refused.toString().contains(directory().toString()), refused::toString);
      loose.appendBlocks(0, 2);
      loose.drain();
      assertReads(reader, 0, 10);
    }
    open(0, 4).close();
  }

  @Test
  final void itsDeclarationSaysTheSameEachTime() {
    var first = new Description();
    var second = new Description();
    plan(directory()).describe(first);
    plan(directory()).describe(second);
    assertEquals(first.text(), second.text());
  }
}
