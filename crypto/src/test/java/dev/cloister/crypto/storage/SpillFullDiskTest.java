package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cloister.crypto.storage.SpillStore.Answer;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk that is full before the store is: a small file system of its own. */
class SpillFullDiskTest {
  private static final int BLOCK_BYTES = 5 * 4096;

  /** The last block fits in part, and is not the first of its segment. */
  private static final int DISK_BYTES = 11 * BLOCK_BYTES + 3 * 4096;

  private static final int RECORD_BYTES = 4000;
  private static final int RECORDS_A_BLOCK = 5;

  @TempDir Path parent = Path.of("");

  /** What was seen at each place of the disk, by segment file and index. */
  private final Map<String, byte[]> seen = new HashMap<>();

  private Path disk() {
    return parent.resolve("disk");
  }

  @BeforeEach
  void mount() throws Exception {
    Files.createDirectory(disk());
    var refusal = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", disk() + "");
    assumeTrue(refusal.isEmpty(), () -> "a full disk needs root and mount: " + refusal);
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk() + "");
  }

  /** Runs a program; returns what it said if it failed. */
  private static String run(String... command) throws InterruptedException {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
      return process.waitFor() == 0 ? "" : said.strip() + " (" + process.exitValue() + ")";
    } catch (IOException e) {
      return e.toString();
    }
  }

  private OpenStore open() throws IOException {
    return OpenStore.open(
        SpillStore.in(disk().resolve("spill"))
            .blockBytes(BLOCK_BYTES)
            .memoryBytes(0)
            .diskBytes(32L * BLOCK_BYTES));
  }

  /** Appends a block's records, and writes the block before, which it ends. */
  private void appendBlock(OpenStore open, int number) throws IOException {
    for (var i = 0; i < RECORDS_A_BLOCK; i++) {
      var record = OpenStore.record((long) number * RECORDS_A_BLOCK + i, RECORD_BYTES);
      assertThat(open.append(record)).isEqualTo(Answer.DISK);
      open.drain();
    }
    look(open);
  }

  /**
   * Looks at the whole disk: files are whole blocks, and what was written at a place once is not
   * replaced by anything else, which would be under the same key and nonce.
   */
  private void look(OpenStore open) throws IOException {
    for (var segment : open.segments()) {
      var stored = Files.readAllBytes(segment);
      assertThat(stored.length % BLOCK_BYTES).isZero();
      for (var i = 0; i < stored.length / BLOCK_BYTES; i++) {
        var block = Arrays.copyOfRange(stored, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
        var before = seen.putIfAbsent(segment + ":" + i, block);
        assertThat(before == null || Arrays.equals(before, block)).isTrue();
      }
    }
  }

  private static long assertReadable(SpillReader reader) {
    var read = 0L;
    while (reader.next()) {
      assertThat(OpenStore.bytes(reader))
          .isEqualTo(OpenStore.record(reader.position(), RECORD_BYTES));
      read++;
    }
    return read;
  }

  @Test
  void aFullDiskCostsWhatItCannotHoldAndTheStoreGoesOnWhenThereIsSpaceAgain() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      var store = open.store();
      var block = 0;
      while (open.count(Loss.DISK_FULL) < 3 * RECORDS_A_BLOCK) {
        appendBlock(open, block++);
      }
      var onDisk = DISK_BYTES / BLOCK_BYTES;
      assertThat(block).as("written, lost, and the one being filled").isEqualTo(onDisk + 3 + 1);
      assertThat(open.count(Loss.WRITE_FAILED)).isZero();
      assertThat(store.accounting().lost()).isEqualTo(3 * RECORDS_A_BLOCK);

      assertThat(assertReadable(reader)).isEqualTo((onDisk + 1L) * RECORDS_A_BLOCK);
      store.release(reader.position() / 2);
      for (var i = 0; i < 4; i++) {
        appendBlock(open, block++);
      }
      assertThat(open.count(Loss.DISK_FULL)).isEqualTo(3 * RECORDS_A_BLOCK);
      assertThat(assertReadable(reader)).isEqualTo(4L * RECORDS_A_BLOCK);
      assertThat(store.accounting().resident()).isZero();

      store.release(Long.MAX_VALUE);
      store.finish();
      look(open);
      assertThat(open.segments()).isEmpty();
      assertThat(open.ledger().tally(SpillCounter.DISK_BYTES).get()).isZero();
      assertThat(open.ledger().tally(SpillCounter.MEMORY_BYTES).get()).isPositive();
    }
    assertThat(Files.exists(disk().resolve("spill"))).isFalse();
  }

  @Test
  void aDiskThatOthersFillAndEmptyCostsOnlyWhatCameMeanwhile() throws IOException {
    try (var open = open();
        var reader = open.store().reader()) {
      appendBlock(open, 0);
      appendBlock(open, 1);
      var ballast = disk().resolve("ballast");
      Files.write(ballast, new byte[DISK_BYTES - 2 * BLOCK_BYTES]);
      appendBlock(open, 2);
      appendBlock(open, 3);
      Files.delete(ballast);
      appendBlock(open, 4);
      appendBlock(open, 5);
      open.store().finish();
      open.drain();
      look(open);
      var lost = open.count(Loss.DISK_FULL);
      assertThat(lost).isPositive().isLessThanOrEqualTo(2 * RECORDS_A_BLOCK);
      assertThat(assertReadable(reader)).isEqualTo(6 * RECORDS_A_BLOCK - lost);
      assertThat(reader.isOver()).isTrue();
    }
  }
}
