package dev.cloister.sandbox.vaultfs;

import static dev.cloister.sandbox.vaultfs.BlockStore.BLOCK_BYTES;

import dev.cloister.sandbox.vaultfs.Sealer.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one file, in blocks; those that were never written are zeros and take no space. One
 * block is held in memory while the file is open: small writes to it become one write to the
 * medium, when another block is needed, at {@link #flush}, or at {@link #settle}. For any number of
 * threads, one at a time.
 *
 * <p>A block whose write failed is held on, to be tried again; when it cannot be stored at last,
 * what was stored of it before is what remains.
 */
final class FileContent {
  private static final long NONE = -1;

  private final BlockStore store;
  private final Quota quota;
  private final long number;

  /** By their index. */
  private final TreeMap<Long, StoredBlock> blocks = new TreeMap<>();

  /** Written under the lock; a change of it is seen at once. */
  private volatile long size;

  // The block that is held: its index, its bytes, and how many of them are not known to be zeros.
  private long held = NONE;
  private byte @Nullable [] bytes;
  private int length;

  /** Whether it is not as it is stored. */
  private boolean isAhead;

  /** The size if it is never stored. */
  private long sizeWithout;

  /** What it has of the quota, more than its run. */
  private int ahead;

  FileContent(BlockStore store, Quota quota, long number) {
    this.store = store;
    this.quota = quota;
    this.number = number;
  }

  long size() {
    return size;
  }

  /**
   * Reads what there is, up to what {@code into} takes.
   *
   * @param goesOn asked before each block but the first
   * @return how many bytes, or -1 at the end
   */
  synchronized int read(long position, ByteBuffer into, BooleanSupplier goesOn) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    if (position >= size) {
      return -1;
    }
    var before = into.position();
    var wanted = (int) Math.min(into.remaining(), size - position);
    try {
      do {
        var done = into.position() - before;
        into.put(blockFor(position + done), offset(position + done), piece(position, done, wanted));
      } while (into.position() - before < wanted && goesOn.getAsBoolean());
    } catch (IOException e) {
      throwUnless(into.position() > before, e);
    }
    return into.position() - before;
  }

  private byte[] blockFor(long position) throws IOException {
    return hold(position / BLOCK_BYTES, false);
  }

  private static int offset(long position) {
    return (int) (position % BLOCK_BYTES);
  }

  /** How much of the next block is wanted. */
  private static int piece(long position, int done, int wanted) {
    return Math.min(wanted - done, BLOCK_BYTES - offset(position + done));
  }

  /** What was done so far is told; the error is, when it is met again. */
  private static void throwUnless(boolean isSomethingDone, IOException e) throws IOException {
    if (!isSomethingDone) {
      throw e;
    }
  }

  /**
   * Writes all of {@code from}, or as much as there is room for; none is an error.
   *
   * @param goesOn asked before each block but the first
   * @param file what errors call it
   * @return how many bytes
   */
  synchronized int write(long position, ByteBuffer from, BooleanSupplier goesOn, String file)
      throws IOException {
    if (from.remaining() > Long.MAX_VALUE - position) {
      throw Refusal.TOO_LARGE.of(file);
    }
    var before = from.position();
    var wanted = from.remaining();
    try {
      while (from.hasRemaining()) {
        var done = from.position() - before;
        if (done > 0 && !goesOn.getAsBoolean()) {
          break;
        }
        write(position + done, from, piece(position, done, wanted), file);
      }
    } catch (IOException e) {
      throwUnless(from.position() > before, e);
    }
    return from.position() - before;
  }

  private void write(long position, ByteBuffer from, int count, String file) throws IOException {
    var offset = offset(position);
    var block = hold(position / BLOCK_BYTES, count == BLOCK_BYTES);
    try {
      takeRoom(offset + count, file);
    } catch (VaultFull e) {
      // What is held may be zeros in place of what is stored, and was to be overwritten.
      if (!isAhead) {
        forget();
      }
      throw e;
    }
    if (!isAhead) {
      isAhead = true;
      sizeWithout = size;
    }
    from.get(block, offset, count);
    length = Math.max(length, offset + count);
    size = Math.max(size, position + count);
  }

  private void takeRoom(int newLength, String file) throws VaultFull {
    var more = Space.runBytes(Math.max(length, newLength)) - runBytes(blocks.get(held)) - ahead;
    if (more > 0) {
      quota.take(more, file);
      ahead += more;
    }
  }

  private static int runBytes(@Nullable StoredBlock block) {
    return block == null ? 0 : block.runBytes();
  }

  /** Holds a block, which is not read when all of it will be written. */
  private byte[] hold(long index, boolean overwritten) throws IOException {
    if (bytes != null && held == index) {
      return bytes;
    }
    flush();
    held = NONE;
    length = 0;
    if (bytes == null) {
      bytes = store.lend();
    }
    var block = blocks.get(index);
    if (block != null && !overwritten) {
      store.read(new Place(number, index), block, bytes);
      length = block.length();
    } else {
      Arrays.fill(bytes, (byte) 0);
    }
    held = index;
    return bytes;
  }

  /** Stores what is not stored yet. */
  synchronized void flush() throws IOException {
    if (!isAhead || bytes == null) {
      return;
    }
    var written = store.write(new Place(number, held), bytes, length);
    var before = blocks.put(held, written);
    quota.give(runBytes(before) + ahead - written.runBytes());
    ahead = 0;
    isAhead = false;
    if (before != null) {
      store.free(before);
    }
  }

  /** Makes the file shorter; it takes no space to do so. */
  synchronized void truncate(long newSize) {
    if (newSize >= size) {
      return;
    }
    var whole = Math.ceilDiv(newSize, BLOCK_BYTES);
    if (held >= whole) {
      forget();
    }
    var beyond = blocks.tailMap(whole, true);
    beyond.values().forEach(this::free);
    beyond.clear();
    cut(newSize / BLOCK_BYTES, offset(newSize));
    size = newSize;
    sizeWithout = Math.min(sizeWithout, newSize);
  }

  /** Cuts the block that the new end is in; its run is as long as it was until it is written. */
  private void cut(long index, int end) {
    if (end > 0) {
      blocks.computeIfPresent(index, (_, block) -> block.cutTo(end));
      if (bytes != null && held == index && length > end) {
        Arrays.fill(bytes, end, length, (byte) 0);
        length = end;
      }
    }
  }

  private void free(StoredBlock block) {
    store.free(block);
    quota.give(block.runBytes());
  }

  /** Holds no block any more, and lets go what is not stored. */
  private void forget() {
    quota.give(ahead);
    ahead = 0;
    isAhead = false;
    held = NONE;
    length = 0;
  }

  /** Stores what is not stored, and gives the memory back, whatever comes of it. */
  synchronized void settle() throws IOException {
    try {
      flush();
    } finally {
      if (isAhead) {
        size = Math.min(size, sizeWithout);
      }
      forget();
      giveMemoryBack();
    }
  }

  /** Empties the file. */
  synchronized void clear() {
    truncate(0);
    giveMemoryBack();
  }

  private void giveMemoryBack() {
    if (bytes != null) {
      store.takeBack(bytes);
      bytes = null;
    }
  }
}
