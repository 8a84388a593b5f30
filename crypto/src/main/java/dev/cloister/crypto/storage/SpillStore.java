package dev.cloister.crypto.storage;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.gate.Store;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.HeldDirectory;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.BlockCodec.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
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
  private final SpillPlan plan;
  private final HeldDirectory directory;
  private final Supplier<KeyRing> keys;
  final Blocks blocks;
  private final BlockCodec codec;

  /** In every block's header, so that no block of another life is taken for one of this. */
  private final long storeNumber = new SecureRandom().nextLong();

  private final DiskAccess access;
  private final Drainers drainers;

  /** Set while no drainer is inside. */
  private boolean closed;

  /** The block that the writer fills, its bytes, and how many are used: the writer's alone. */
  private @Nullable Block filling;

  private byte[] payload = {};
  private int fill;

  /** What became of a record that was offered. */
  public enum Answer {
    /** It is in memory, to stay there. */
    MEMORY,
    /** It is in memory, on its way to disk. */
    DISK,
    /** It was not taken, and was counted. */
    DROPPED
  }

  /** When there will be room for a record. */
  public enum Vacancy {
    /** At once. */
    NOW,
    /** When a block on its way to disk has got there: see {@link #drain}. */
    AFTER_DRAIN,
    /** When records were given back: see {@link #release}. */
    AFTER_RELEASE,
    /** Not any more, or not for one as long. */
    NEVER
  }

  /**
   * Where the records are that were offered so far.
   *
   * @param offered all of them
   * @param read given to a reader at least once, or passed over by a reader that sought a later one
   *     of the same block
   * @param resident in the store, and not yet given to a reader
   * @param dropped not taken, for want of room or because the store had stopped
   * @param lost taken, and gone before a reader had them
   */
  public record Accounting(long offered, long read, long resident, long dropped, long lost) {}

  private SpillStore(
      SpillPlan plan,
      HeldDirectory directory,
      DiskAccess access,
      Supplier<KeyRing> keys,
      Ledger ledger) {
    this.plan = plan;
    this.directory = directory;
    this.access = access;
    this.drainers = new Drainers(plan.blockBytes());
    this.keys = keys;
    this.blocks = new Blocks(plan, ledger);
    this.codec = plan.codec();
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

  /** Opens the directory; the first segment's key is made when one is needed. */
  static SpillStore open(SpillPlan plan, Supplier<KeyRing> keys, Ledger ledger) throws IOException {
    var directory = HeldDirectory.open(plan.directory(), "spill");
    try {
      return new SpillStore(plan, directory, DiskAccess.in(directory.path()), keys, ledger);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, directory::close);
      throw e;
    }
  }

  /**
   * Returns how long a record may be.
   *
   * @return bytes
   */
  public int recordBytesMax() {
    return plan.payloadBytes() - Block.LENGTH_BYTES;
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
    Objects.checkFromIndexSize(offset, length, body.length);
    var size = (long) head.length + length;
    if (size > recordBytesMax()) {
      return refuse(Loss.TOO_LARGE);
    }
    var block = fits(size) ? filling : advance();
    if (block == null) {
      return Answer.DROPPED;
    }
    var start = fill + Block.LENGTH_BYTES;
    var end = start + (int) size;
    Block.length(payload, fill, (int) size);
    System.arraycopy(head, 0, payload, start, head.length);
    System.arraycopy(body, offset, payload, start + head.length, length);
    if (!block.commit(end)) {
      forget();
      return refuse(Loss.STOPPED);
    }
    fill = end;
    return block.spills ? Answer.DISK : Answer.MEMORY;
  }

  private Answer refuse(Loss loss) {
    blocks.refuse(loss);
    return Answer.DROPPED;
  }

  private boolean fits(long size) {
    return filling != null && fill + Block.LENGTH_BYTES + size <= payload.length;
  }

  /** Ends the block that was being filled, and begins another; null when there is no room. */
  private @Nullable Block advance() {
    end();
    var block = blocks.next();
    if (block == null) {
      return null;
    }
    var memory = block.payload;
    if (memory == null) { // Closed meanwhile.
      blocks.refuse(Loss.STOPPED);
      return null;
    }
    filling = block;
    payload = memory;
    return block;
  }

  private void end() {
    if (filling != null) {
      blocks.end();
      forget();
    }
  }

  private void forget() {
    filling = null;
    payload = new byte[0];
    fill = 0;
  }

  /**
   * Tells whether a record would be taken now. Called by the writer's thread.
   *
   * @param length the record's bytes
   * @return whether it would
   */
  public boolean hasRoom(int length) {
    return vacancy(length) == Vacancy.NOW;
  }

  /**
   * Tells when a record would be taken; a writer that can wait asks first. Called by the writer's
   * thread. It ends a block that the record does not fit in, which so can be drained and released
   * while the writer waits.
   *
   * @param length the record's bytes
   * @return when there will be room
   */
  public Vacancy vacancy(int length) {
    if (length > recordBytesMax()) {
      return Vacancy.NEVER;
    }
    if (!fits(length)) {
      end();
    }
    if (filling != null) {
      return filling.hasEnded() ? Vacancy.NEVER : Vacancy.NOW;
    }
    return blocks.vacancy();
  }

  /**
   * Says that no record comes any more, so that what is left can be drained and read to its end;
   * the writer's thread calls it.
   */
  public void finish() {
    blocks.stop();
    forget();
  }

  /**
   * Encrypts and writes one full block that goes to disk, if there is one. Two threads at a time
   * do; another waits for its turn.
   *
   * @return whether there was one
   */
  public boolean drain() {
    var drainer = drainers.take();
    try {
      var block = blocks.takeQueued();
      if (block == null) {
        return false;
      }
      try {
        write(block, drainer);
        blocks.written(block);
      } catch (IOException e) {
        blocks.notWritten(block, isFull(e) ? Loss.DISK_FULL : Loss.WRITE_FAILED);
      } catch (ContextDestroyed _) {
        // The context's keys are gone, and the store will be.
        blocks.notWritten(block, Loss.CLOSED);
      }
      return true;
    } finally {
      drainers.give(drainer);
    }
  }

  private void write(Block block, Drainers.Drainer drainer) throws IOException {
    var records = block.payload;
    if (records == null) {
      throw new IllegalStateException("a block on its way to disk is not in memory");
    }
    var segment = blocks.place(block, drainer.number(), this::openSegment);
    codec.write(segment.key, place(segment, block.index), records, drainer.buffer().block);
    segment.write(block.index, drainer.buffer());
  }

  private Segment openSegment(long number) throws IOException {
    var key = keys.get().fresh(SealedBlocks.KEY_BYTES);
    try {
      return Segment.create(directory.path(), number, access, key);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, key::close);
      throw e;
    }
  }

  /** The JDK gives no error number, and says it in the words of the system's language. */
  private boolean isFull(IOException e) {
    return String.valueOf(e.getMessage()).contains("No space left")
        || !directory.hasSpace(plan.blockBytes());
  }

  Place place(Segment segment, int index) {
    return new Place(storeNumber, segment.number, index);
  }

  /** Opens a block that was read. */
  void decrypt(Segment segment, int index, byte[] stored, byte[] records) throws BlockDamaged {
    codec.read(segment.key, place(segment, index), stored, records);
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
    return reader(Optional.empty());
  }

  /**
   * Opens a pass as {@link #reader()} does, for which blocks on disk are read, still encrypted,
   * while those before are decrypted and gone through: at most two at a time, in memory of four
   * blocks more. An executor that is late or refuses costs the time that it would have saved, and
   * nothing else.
   *
   * @param ahead runs a task a block, which takes as long as the disk
   * @return a reader for one thread, which that thread closes
   * @throws IllegalStateException when the plan's passes are used up
   */
  public SpillReader reader(Executor ahead) {
    return reader(Optional.of(ahead));
  }

  private SpillReader reader(Optional<Executor> ahead) {
    blocks.countPass();
    return new SpillReader(this, plan, ahead);
  }

  /**
   * Tells how many passes may still be opened.
   *
   * @return those of the plan that no {@link #reader()} has used
   */
  public int passesLeft() {
    return blocks.passesLeft();
  }

  /**
   * Gives back every record below a number, whether it was read or not: no reader is given one any
   * more. With the last record of a block goes its memory, with the last of a segment its key and
   * its file.
   *
   * @param upTo the first record that is kept, of those that were taken
   */
  public void release(long upTo) {
    blocks.release(upTo);
  }

  /**
   * Tells where the records are.
   *
   * @return one moment's account, whose parts add up
   */
  public Accounting accounting() {
    return blocks.accounting();
  }

  /**
   * Tells how much it can hold at once.
   *
   * @return bytes of blocks, in memory and on disk
   */
  public long capacityBytes() {
    return plan.memoryBytes() + plan.diskBytes();
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
    return directory.removed();
  }

  @Override
  public void stop() {
    blocks.stop();
  }

  /**
   * Destroys every key, and removes what was written. A record that a reader has just been given
   * stays as it is until that reader goes on.
   */
  @Override
  public void close() throws IOException {
    stop();
    drainers.alone(() -> {
      if (!closed) {
        closed = true;
        blocks.close();
        directory.close();
      }
    });
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
