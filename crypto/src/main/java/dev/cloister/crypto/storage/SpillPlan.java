package dev.cloister.crypto.storage;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Declares a {@link SpillStore}. Immutable: each setting gives another plan.
 *
 * @param directory where blocks are written; made when it is not there, held by a lock
 * @param memoryBytes how much is kept in memory before anything is written; a store holds {@link
 *     #STAGING_BLOCKS} blocks more on their way to disk
 * @param diskBytes how much is written at most
 * @param passes how many readers there may be; each has three blocks of memory of its own
 * @param blockBytes the size of a stored block, a multiple of 4096
 * @param isEncrypted whether blocks are written encrypted
 */
public record SpillPlan(
    Path directory,
    long memoryBytes,
    long diskBytes,
    int passes,
    int blockBytes,
    boolean isEncrypted)
    implements Declaration<SpillStore> {

  /**
   * Blocks in memory on their way to disk, beside {@code memoryBytes}; four more are the buffers
   * that two drainers write from.
   */
  public static final int STAGING_BLOCKS = 8;

  /** What {@code memoryBytes} is unless set: 256 MiB. */
  public static final long MEMORY_BYTES_DEFAULT = 256L << 20;

  /** What {@code diskBytes} is unless set: 16 GiB. */
  public static final long DISK_BYTES_DEFAULT = 16L << 30;

  /** What {@code blockBytes} is unless set: 512 KiB, so that the largest packet fits. */
  public static final int BLOCK_BYTES_DEFAULT = 512 << 10;

  static final int PAGE_BYTES = 4096;
  private static final long SEGMENT_BYTES_MAX = 64L << 20;

  /** Checks the settings. */
  public SpillPlan {
    atLeast("memoryBytes", memoryBytes, 0);
    atLeast("diskBytes", diskBytes, 0);
    atLeast("passes", passes, 1);
    if (blockBytes < PAGE_BYTES || blockBytes > 16 << 20 || blockBytes % PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "blockBytes " + blockBytes + ": allowed multiples of 4096 from 4096 to 16777216");
    }
  }

  private static void atLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(what + " " + value + ": must be at least " + least);
    }
  }

  /**
   * Sets how much is kept in memory before anything is written.
   *
   * @param bytes at least 0; 256 MiB unless set
   * @return a plan with that
   */
  public SpillPlan memoryBytes(long bytes) {
    return new SpillPlan(directory, bytes, diskBytes, passes, blockBytes, isEncrypted);
  }

  /**
   * Sets how much is written at most.
   *
   * @param bytes at least 0; 16 GiB unless set
   * @return a plan with that
   */
  public SpillPlan diskBytes(long bytes) {
    return new SpillPlan(directory, memoryBytes, bytes, passes, blockBytes, isEncrypted);
  }

  /**
   * Sets how many readers there may be.
   *
   * @param readers at least 1; 1 unless set
   * @return a plan with that
   */
  public SpillPlan passes(int readers) {
    return new SpillPlan(directory, memoryBytes, diskBytes, readers, blockBytes, isEncrypted);
  }

  /**
   * Sets the size of a stored block; a record is at least 52 bytes shorter.
   *
   * @param bytes a multiple of 4096, up to 16 MiB; 512 KiB unless set
   * @return a plan with that
   */
  public SpillPlan blockBytes(int bytes) {
    return new SpillPlan(directory, memoryBytes, diskBytes, passes, bytes, isEncrypted);
  }

  /**
   * Writes blocks as anyone can read them. For tests alone, which then find on disk what the real
   * store hides: such a store reports SIMULATED, which lab mode alone takes.
   *
   * @return a plan with that
   */
  public SpillPlan unencrypted() {
    return new SpillPlan(directory, memoryBytes, diskBytes, passes, blockBytes, false);
  }

  /** A segment is an eighth of the disk at most, so that released space comes back in time. */
  int segmentBlocks() {
    var bytes = Math.min(SEGMENT_BYTES_MAX, diskBytes / 8);
    return (int) Math.max(1, bytes / blockBytes);
  }

  long memoryBlocks() {
    return memoryBytes / blockBytes;
  }

  long diskBlocks() {
    return diskBytes / blockBytes;
  }

  /** What a block holds of records and their lengths. */
  int payloadBytes() {
    return blockBytes - BlockCodec.OVERHEAD_BYTES;
  }

  BlockCodec codec() {
    return isEncrypted ? new SealedBlocks() : new PlainBlocks();
  }

  @Override
  public String name() {
    return "spill";
  }

  @Override
  public void describe(Description into) {
    into.put("cipher", isEncrypted ? "AES-256-GCM, a fresh key a segment" : "none");
    into.put("memoryBytes", memoryBytes);
    into.put("diskBytes", diskBytes);
    into.put("passes", passes);
    into.put("blockBytes", blockBytes);
  }

  @Override
  public Collection<Counter> counters() {
    var all = new ArrayList<Counter>(Arrays.asList(SpillCounter.values()));
    all.addAll(Arrays.asList(Loss.values()));
    return all;
  }

  @Override
  public boolean runsIn(Mode mode) {
    return isEncrypted || mode == Mode.LAB;
  }

  @Override
  public List<Finding> probe() {
    return List.of(
        isEncrypted
            ? new Finding(Guarantee.NOTHING_RAW_ON_DISK, State.ENFORCED, SelfTest.run(this))
            : new Finding(
                Guarantee.NOTHING_RAW_ON_DISK,
                State.SIMULATED,
                "the spill store writes what it is given"));
  }

  @Override
  public SpillStore open(Opening opening) throws IOException {
    codec().warmUp();
    return SpillStore.open(this, opening.keys(), opening.ledger());
  }
}
