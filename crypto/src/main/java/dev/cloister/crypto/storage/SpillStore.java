package dev.cloister.crypto.storage;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.gate.Store;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.BlockCodec.Place;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps records in memory, and what memory cannot hold encrypted on disk, until they are released;
 * it never makes the writer wait. What it does not guarantee: that every record is kept. One that
 * is not is counted by cause, so that at any moment
 *
 * <pre>offered = read + resident + dropped + lost</pre>
 *
 * <p>Records have numbers, from 0, in the order in which they were taken. While memory lasts
 * nothing is encrypted or written. Each segment on disk has a random key of its own, which {@link
 * #release} destroys; after that nothing in this process opens the segment.
 *
 * <p>One thread appends, any number drain, each {@link SpillReader} is one thread's, all at once. A
 * damaged file costs the records in its damaged blocks, and nothing else.
 */
public final class SpillStore implements Store {
  private static final VarHandle OFFERED = handle();

  private final SpillPlan plan;
  private final SpillDirectory directory;
  private final Supplier<KeyRing> keys;
  private final Blocks blocks;
  private final Object drain = new Object();

  /** Guarded by {@link #drain}, as is all that follows. */
  private final BlockCodec codec;

  private final byte[] stored;
  private final long storeNumber = new SecureRandom().nextLong();

  /** The writer's alone, as is the next. */
  private @Nullable Block filling;

  private int fill;

  /** Written by the writer alone. */
  @SuppressWarnings("unused") // through OFFERED
  private long offered;

  /** What became of a record that was offered. */
  public enum Answer {
    /** It is in memory, to stay there. */
    MEMORY,
    /** It is in memory, on its way to disk. */
    DISK,
    /** It was not taken, and was counted. */
    DROPPED
  }

  /** When a record would be taken. */
  public enum Room {
    /** At once. */
    NOW,
    /** When a block on its way to disk is there: see {@link #drain}. */
    AFTER_DRAIN,
    /** When records were given back: see {@link #release}. */
    AFTER_RELEASE,
    /** Not any more, or not one as long. */
    NEVER
  }

  /**
   * Where the records are that were offered so far.
   *
   * @param offered all of them
   * @param read given to a reader at least once
   * @param resident in the store, and not yet given to a reader
   * @param dropped not taken, for want of room or because the store had stopped
   * @param lost taken, and gone before a reader had them
   */
  public record Accounting(long offered, long read, long resident, long dropped, long lost) {}

  private SpillStore(
      SpillPlan plan, SpillDirectory directory, Supplier<KeyRing> keys, Ledger ledger) {
    this.plan = plan;
    this.directory = directory;
    this.keys = keys;
    this.blocks = new Blocks(plan, ledger);
    this.codec = plan.codec();
    this.stored = new byte[plan.blockBytes()];
  }

  private static VarHandle handle() {
    try {
      return MethodHandles.lookup().findVarHandle(SpillStore.class, "offered", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Declares a store.
   *
   * @param directory where it writes when memory is full; no other store may have it open
   * @return a plan with the default sizes
   */
  public static SpillPlan in(Path directory) {
    return new SpillPlan(
        directory,
        SpillPlan.MEMORY_BYTES_DEFAULT,
        SpillPlan.DISK_BYTES_DEFAULT,
        1,
        SpillPlan.BLOCK_BYTES_DEFAULT,
        true);
  }

  /**
   * Opens the directory and warms the cipher up; the first segment key is made when one is needed.
   */
  static SpillStore open(SpillPlan plan, Supplier<KeyRing> keys, Ledger ledger) throws IOException {
    var store = new SpillStore(plan, SpillDirectory.open(plan.directory()), keys, ledger);
    if (store.codec instanceof SealedBlocks sealed) {
      sealed.warmUp();
    }
    return store;
  }

  /**
   * Returns how long a record may be.
   *
   * @return bytes
   */
  public int recordBytesMax() {
    return plan.blockBytes() - BlockCodec.OVERHEAD_BYTES - Block.LENGTH_BYTES;
  }

  /**
   * Offers a record, given in two pieces so that its writer need not join them. Answers at once: it
   * takes no lock that is held while anything is read, written or encrypted.
   *
   * @param head the record's first bytes
   * @param body holds the others
   * @param offset where they begin
   * @param length how many they are
   * @return where the record went
   */
  public Answer append(byte[] head, byte[] body, int offset, int length) {
    var size = head.length + length;
    OFFERED.setOpaque(this, (long) OFFERED.get(this) + 1);
    if (blocks.isStopped()) {
      blocks.refuse(Loss.STOPPED);
      return Answer.DROPPED;
    }
    var block = filling;
    var payload = block == null ? null : block.payload;
    if (payload == null || fill + Block.LENGTH_BYTES + size > payload.length) {
      block = advance(size);
      payload = block == null ? null : block.payload;
    }
    if (block == null || payload == null) {
      return Answer.DROPPED;
    }
    Block.length(payload, fill, size);
    System.arraycopy(head, 0, payload, fill + Block.LENGTH_BYTES, head.length);
    System.arraycopy(body, offset, payload, fill + Block.LENGTH_BYTES + head.length, length);
    fill += Block.LENGTH_BYTES + size;
    block.commit(fill);
    return block.spills ? Answer.DISK : Answer.MEMORY;
  }

  private @Nullable Block advance(int size) {
    if (size > recordBytesMax()) {
      blocks.refuse(Loss.TOO_LARGE);
      return null;
    }
    filling = blocks.next(filling);
    fill = 0;
    return filling;
  }

  /**
   * Tells when a record would be taken; a writer that can wait asks first.
   *
   * @param length the record's bytes
   * @return when there is room for it
   */
  public Room room(int length) {
    if (length > recordBytesMax()) {
      return Room.NEVER;
    }
    var payload = filling == null ? null : filling.payload;
    return payload != null && fill + Block.LENGTH_BYTES + length <= payload.length
        ? Room.NOW
        : blocks.room();
  }

  /** Says that no record comes any more; the writer's thread calls it. */
  public void finish() {
    blocks.finish(filling);
    filling = null;
  }

  /**
   * Encrypts and writes one full block that goes to disk, if there is one.
   *
   * @return whether there was one
   */
  public boolean drain() {
    synchronized (drain) {
      var block = blocks.takeQueued();
      if (block == null) {
        return false;
      }
      var segment = block.segment;
      try {
        if (segment == null) {
          segment = blocks.place(block, this::openSegment);
        }
        codec.write(segment.key, place(segment, block.index), payload(block), stored);
        segment.write(block.index, stored);
        blocks.written(block);
      } catch (IOException e) {
        blocks.notWritten(block, isFull(e) ? Loss.DISK_FULL : Loss.WRITE_FAILED);
      } catch (ContextDestroyed _) {
        // The store closed meanwhile, and the block with it.
        blocks.notWritten(block, Loss.CLOSED);
      }
      return true;
    }
  }

  private static byte[] payload(Block block) {
    if (block.payload == null) {
      throw new IllegalStateException("a block on its way to disk is not in memory");
    }
    return block.payload;
  }

  private Segment openSegment(long number) throws IOException {
    return new Segment(directory.path(), number, keys.get().fresh(SealedBlocks.KEY_BYTES));
  }

  /** The JDK gives no error number: it is in the message, in the system's words. */
  private static boolean isFull(IOException e) {
    return String.valueOf(e.getMessage()).contains("No space left");
  }

  Place place(Segment segment, int index) {
    return new Place(storeNumber, segment.number, index);
  }

  /**
   * Waits until {@link #drain} has something to do, the time is over, or the store stops.
   *
   * @param nanos how long, at most
   * @return false when the store has stopped and nothing is left to drain
   * @throws InterruptedException when the thread was interrupted
   */
  public boolean awaitDrainable(long nanos) throws InterruptedException {
    return blocks.awaitQueued(nanos);
  }

  /**
   * Opens a pass over the records, from the first that is not released.
   *
   * @return a reader for one thread, which that thread closes
   * @throws IllegalStateException when the plan's passes are used up
   */
  public SpillReader reader() {
    blocks.countPass();
    return new SpillReader(this, blocks, plan.codec(), plan.blockBytes());
  }

  /**
   * Gives back every record below a number: their memory, and for each segment that lies below, its
   * key and its file. For good, whether they were read or not.
   *
   * @param upTo the first record that is kept
   */
  public void release(long upTo) {
    blocks.release(upTo);
  }

  /**
   * Tells where the records are.
   *
   * @return one moment's account, whose parts add up unless a record was being offered then
   */
  public Accounting accounting() {
    return blocks.accounting((long) OFFERED.getOpaque(this));
  }

  /**
   * Tells how much was written to disk since the seal.
   *
   * @return bytes of stored blocks
   */
  public long spilledBytes() {
    return blocks.spilledBytes();
  }

  /**
   * Tells what a dead process had left in the directory.
   *
   * @return how many unreadable files were removed
   */
  public int removedAtOpen() {
    return directory.removed;
  }

  @Override
  public void stop() {
    blocks.stop();
  }

  @Override
  public void close() throws IOException {
    stop();
    synchronized (drain) {
      blocks.close();
      directory.close();
    }
  }

  /**
   * Shows sizes, and nothing that is stored.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "SpillStore[" + accounting() + "]";
  }
}
