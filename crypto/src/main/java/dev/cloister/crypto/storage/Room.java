package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.SpillStore.Vacancy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * How much memory and disk the blocks take, and whether there is room for another. Guarded by the
 * lock of its {@link Blocks}.
 */
final class Room {
  private final SpillPlan plan;
  private final Ledger ledger;

  /** Zeroed, to be used again. */
  private final Deque<byte[]> spare = new ArrayDeque<>();

  /** All in blocks; disk counts from the promise to the unlinking. */
  private long memory;

  private long staging;
  private long disk;

  Room(SpillPlan plan, Ledger ledger) {
    this.plan = plan;
    this.ledger = ledger;
  }

  Vacancy vacancy() {
    if (hasMemory() || mayStage()) {
      return Vacancy.NOW;
    }
    if (plan.memoryBlocks() == 0 && plan.diskBlocks() == 0) {
      return Vacancy.NEVER;
    }
    return hasDisk() ? Vacancy.AFTER_DRAIN : Vacancy.AFTER_RELEASE;
  }

  private boolean hasMemory() {
    return memory < plan.memoryBlocks();
  }

  private boolean mayStage() {
    return staging < SpillPlan.STAGING_BLOCKS && hasDisk();
  }

  private boolean hasDisk() {
    return disk < plan.diskBlocks();
  }

  /** Makes a block: in memory first, else on its way to disk, else none. */
  @Nullable Block take(long firstRecord) {
    if (vacancy() != Vacancy.NOW) {
      return null;
    }
    var spills = !hasMemory();
    if (spills) {
      staging++;
      disk++;
    } else {
      memory++;
    }
    gauge();
    var array = spare.pollLast();
    return new Block(firstRecord, spills, array != null ? array : new byte[plan.payloadBytes()]);
  }

  /** Takes back the memory of a block, zeroed. */
  void giveMemory(boolean spilled, byte[] zeroed) {
    if (spilled) {
      staging--;
    } else {
      memory--;
    }
    spare.addLast(zeroed);
    gauge();
  }

  /** Keeps no memory for blocks to come. */
  void forget() {
    spare.clear();
  }

  void giveDisk(int blocks) {
    disk -= blocks;
    gauge();
  }

  private void gauge() {
    ledger.tally(SpillCounter.MEMORY_BYTES).set((memory + staging) * plan.blockBytes());
    ledger.tally(SpillCounter.DISK_BYTES).set(disk * plan.blockBytes());
  }
}
