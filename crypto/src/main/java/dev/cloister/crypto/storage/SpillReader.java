package dev.cloister.crypto.storage;

import dev.cloister.core.ContextDestroyed;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the records of a {@link SpillStore}, in order, from any position. It gives every
 * record that was taken and neither lost nor released; it says nothing of those it passed over,
 * which the store counts. For one thread.
 */
public final class SpillReader implements AutoCloseable {
  private final SpillStore store;
  private final Blocks blocks;
  private final BlockCodec codec;
  private final byte[] stored;
  private final byte[] opened;

  /** The block this reader is inside, and where. */
  private @Nullable Block block;

  private byte[] payload = {};
  private int cursor;
  private int given;

  private long next;
  private long position = -1;
  private int offset;
  private int length;

  SpillReader(SpillStore store, Blocks blocks, BlockCodec codec, int blockBytes) {
    this.store = store;
    this.blocks = blocks;
    this.codec = codec;
    this.stored = new byte[blockBytes];
    this.opened = new byte[blockBytes - BlockCodec.OVERHEAD_BYTES];
  }

  /**
   * Goes to the next record. Its bytes are valid until the next call.
   *
   * @return false when there is none now; more may come unless {@link #isOver()}
   */
  public boolean next() {
    while (block != null || enter()) {
      if (step()) {
        return true;
      }
      if (block != null && !block.full) {
        return false;
      }
      // Full: what was published in between is seen now.
      if (step()) {
        return true;
      }
      leave();
    }
    return false;
  }

  private boolean step() {
    var in = block;
    if (in == null || cursor >= in.committed()) {
      return false;
    }
    length = Block.length(payload, cursor);
    offset = cursor + Block.LENGTH_BYTES;
    cursor = offset + length;
    position = in.firstRecord + given;
    given++;
    in.raiseRead(given);
    next = position + 1;
    return true;
  }

  /**
   * Finds the block of the next record, and goes to its place in it; false when there is none now.
   */
  private boolean enter() {
    for (var found = blocks.pin(next); found != null; found = blocks.pin(next)) {
      block = found;
      if (open(found)) {
        cursor = 0;
        given = 0;
        while (found.firstRecord + given < next && cursor < found.committed()) {
          cursor += Block.LENGTH_BYTES + Block.length(payload, cursor);
          given++;
        }
        return true;
      }
      next = Math.max(next, found.endRecord());
      leave();
    }
    return false;
  }

  /** Makes the block's bytes readable, from memory or from disk. */
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
      segment.read(found.index, stored);
      codec.read(segment.key, store.place(segment, found.index), stored, opened);
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

  private void leave() {
    var in = block;
    if (in != null) {
      next = Math.max(next, in.full ? in.endRecord() : next);
      block = null;
      blocks.unpin(in);
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
    var in = block;
    if (in != null) {
      block = null;
      blocks.unpin(in);
    }
    next = record;
  }

  /**
   * Tells whether no record will come any more.
   *
   * @return whether the store is finished, stopped or closed, and this reader is at its end
   */
  public boolean isOver() {
    var in = block;
    return (in == null || cursor >= in.committed()) && blocks.isOver(next);
  }

  /**
   * Waits until a block beyond this reader's position is full, the time is over, or no record will
   * come. Single records of a block that is not full can be read without being waited for.
   *
   * @param nanos how long, at most
   * @return false when no record will come any more
   * @throws InterruptedException when the thread was interrupted
   */
  public boolean await(long nanos) throws InterruptedException {
    return blocks.awaitReadable(next, nanos);
  }

  /** Leaves the store; the pass is used up. */
  @Override
  public void close() {
    leave();
  }
}
