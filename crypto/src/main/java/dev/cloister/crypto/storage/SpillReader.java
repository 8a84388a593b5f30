package dev.cloister.crypto.storage;

import dev.cloister.core.ContextDestroyed;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the records of a {@link SpillStore}, in order, from any position. It gives every
 * record that was taken and neither lost nor released; it says nothing of those it passed over,
 * which the store counts. For one thread.
 */
public final class SpillReader implements AutoCloseable {
  private final SpillStore store;
  private final Blocks blocks;
  private final ReadAhead disk;
  private final byte[] opened;

  /** The block this reader is inside, and how far it has come in it. */
  private @Nullable Block block;

  private byte[] payload = {};
  private long tail;
  private int cursor;
  private int passed;

  /** The first record that may be given next. */
  private long next;

  private long position = -1;
  private int offset;
  private int length;
  private boolean closed;

  SpillReader(SpillStore store, SpillPlan plan, Optional<Executor> ahead) {
    this.store = store;
    this.blocks = store.blocks;
    this.disk = new ReadAhead(plan.blockBytes(), ahead);
    this.opened = new byte[plan.payloadBytes()];
  }

  /**
   * Goes to the next record. Its bytes are valid until the next call of this, {@link #seek} or
   * {@link #close}, even if the record is released or the store closed meanwhile.
   *
   * @return false when there is none now; more may come unless {@link #isOver()}
   */
  public boolean next() {
    var in = block != null ? block : enter();
    while (in != null) {
      if (step(in)) {
        return true;
      }
      if (block == in) {
        return false; // It is being filled.
      }
      in = enter();
    }
    return false;
  }

  /** Enters the block of the next record, and makes it readable; null when there is none now. */
  private @Nullable Block enter() {
    while (!closed) {
      var found = blocks.enter(next);
      if (found == null) {
        return null;
      }
      block = found;
      tail = 0;
      cursor = 0;
      passed = 0;
      if (open(found)) {
        return found;
      }
      leave(found);
    }
    return null;
  }

  /** Makes the block's bytes readable, from memory or from disk; false when it is gone. */
  private boolean open(Block found) {
    var inMemory = blocks.payload(found);
    if (inMemory != null) {
      payload = inMemory;
      return true;
    }
    var segment = blocks.segment(found);
    if (segment == null) {
      return false;
    }
    try {
      var stored = disk.read(segment, found.index);
      beginAfter(found);
      store.decrypt(segment, found.index, stored, opened);
      payload = opened;
      return true;
    } catch (BlockDamaged e) {
      blocks.damaged(found, e.loss());
      return false;
    } catch (ContextDestroyed _) {
      // Released while it was being opened.
      return false;
    }
  }

  private void beginAfter(Block current) {
    if (!disk.hasRoom()) {
      return;
    }
    for (var after : blocks.storedAfter(current, ReadAhead.DEPTH)) {
      var segment = blocks.segment(after);
      if (segment != null) {
        disk.begin(segment, after.index);
      }
    }
  }

  /** Goes to the block's next record; when there is none, and none will come, leaves the block. */
  private boolean step(Block in) {
    while (hasMore(in)) {
      var record = in.firstRecord + passed;
      var bytes = Block.length(payload, cursor);
      var start = cursor + Block.LENGTH_BYTES;
      cursor = start + bytes;
      passed++;
      if (record < next) {
        continue; // Sought past.
      }
      var mark = in.raiseRead(passed);
      if (mark < 0) {
        leave(in);
        return false;
      }
      next = record + 1;
      // Whoever raised the mark may have been a release, which says so before it does.
      if (mark < passed || record >= blocks.firstKept()) {
        position = record;
        offset = start;
        length = bytes;
        return true;
      }
    }
    if (Block.hasEnded(tail)) {
      leave(in);
    }
    return false;
  }

  private boolean hasMore(Block in) {
    if (cursor >= Block.bytes(tail)) {
      tail = in.tail();
    }
    return cursor < Block.bytes(tail);
  }

  /** Leaves a block that has no more for this reader. */
  private void leave(Block in) {
    next = Math.max(next, in.endRecord());
    exit();
  }

  private void exit() {
    var in = block;
    if (in != null) {
      block = null;
      blocks.exit(in);
    }
  }

  /**
   * Returns the array that holds the record's bytes.
   *
   * @return the store's own; it must not be changed
   */
  public byte[] bytes() {
    return payload;
  }

  /**
   * Returns where in {@link #bytes()} the record begins.
   *
   * @return an index
   */
  public int offset() {
    return offset;
  }

  /**
   * Returns how long the record is.
   *
   * @return bytes
   */
  public int length() {
    return length;
  }

  /**
   * Returns the record's number.
   *
   * @return from 0; -1 before the first
   */
  public long position() {
    return position;
  }

  /**
   * Goes elsewhere.
   *
   * @param record the number of the record that {@link #next()} gives, if the store still has it,
   *     or the first after it that it has
   */
  public void seek(long record) {
    exit();
    next = record;
  }

  /**
   * Tells whether no record will come any more.
   *
   * @return whether the store is finished, stopped or closed, and this reader is at its end
   */
  public boolean isOver() {
    return closed || blocks.isOver(next);
  }

  /**
   * Waits until there is a record for {@link #next()}, the time is over, or no record will come. A
   * waiting reader is woken when a block is full, not for every record.
   *
   * @param nanos how long, at most
   * @return false when no record will come any more
   * @throws InterruptedException when the thread was interrupted
   */
  public boolean await(long nanos) throws InterruptedException {
    return !closed && blocks.awaitReadable(next, nanos);
  }

  /** Leaves the store; the pass is used up. */
  @Override
  public void close() {
    closed = true;
    exit();
    disk.close();
    payload = new byte[0];
    Arrays.fill(opened, (byte) 0);
  }
}
