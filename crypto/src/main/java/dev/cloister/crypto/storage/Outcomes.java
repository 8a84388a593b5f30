package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import java.util.EnumMap;
import java.util.Map;

/**
 * What became of the records that were offered: read, or lost by cause. Guarded by the lock of its
 * {@link Blocks}.
 */
final class Outcomes {
  private final Ledger ledger;
  private final Map<Loss, Long> losses = new EnumMap<>(Loss.class);

  /** As far as blocks were settled. */
  private long read;

  Outcomes(Ledger ledger) {
    this.ledger = ledger;
  }

  void refuse(Loss loss) {
    count(loss, 1);
  }

  /** Counts what was read of a block since it was last counted. */
  void settle(Block block) {
    settle(block, block.read());
  }

  private void settle(Block block, int mark) {
    read += mark - block.settled;
    block.settled = mark;
  }

  /** Ends a block to its readers; what they were not given is lost. */
  void end(Block block, Loss loss) {
    settle(block, block.endRead());
    count(loss, block.records() - block.settled);
  }

  /** As {@link #end}, of a block that was to be kept. */
  void lose(Block block, Loss loss) {
    end(block, loss);
    var lost = block.records() - block.settled;
    if (lost > 0) {
      ledger.event(Event.STORE_LOSS, lost);
    }
  }

  /** Ends a block's first records to its readers; what they were not given is lost. */
  void releaseFirst(Block block, int records) {
    var mark = block.raiseRead(records);
    if (mark < records) {
      settle(block, mark);
      block.settled = records;
      count(Loss.RELEASED, records - mark);
    }
  }

  private void count(Loss loss, long records) {
    if (records > 0) {
      ledger.tally(loss).set(losses.merge(loss, records, Long::sum));
    }
  }

  /** Says where all records are, when every block that readers are inside is settled. */
  Accounting accounting(long taken) {
    var refused = 0L;
    var lost = 0L;
    for (var loss : losses.entrySet()) {
      if (loss.getKey().isRefusal()) {
        refused += loss.getValue();
      } else {
        lost += loss.getValue();
      }
    }
    return new Accounting(taken + refused, read, taken - read - lost, refused, lost);
  }
}
