package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.CorruptStorage;
import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.KeyRing;
import dev.cloister.sandbox.vaultfs.Sealer.Place;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a vault: each write of one goes to a run that holds nothing, so whatever becomes of
 * it, the block as it was is there until its owner frees it. For any number of threads.
 */
final class BlockStore implements AutoCloseable {
  static final int BLOCK_BYTES = Space.LARGEST_BYTES;

  /** How many sets of buffers are kept for the next who needs one. */
  private static final int KEPT = 8;

  /** How much must be free at the end before it is given back to the disk. */
  private static final long TRIM_BYTES = 1 << 20;

  private final BlockMedium medium;
  private final Supplier<KeyRing> keys;
  private final BlockingQueue<Sealer> sealers = new ArrayBlockingQueue<>(KEPT);
  private final BlockingQueue<byte[]> buffers = new ArrayBlockingQueue<>(KEPT);

  /** Guarded by this, as is all that follows. */
  private final Space space = new Space();

  private long lastVersion;
  private @Nullable EphemeralKey key;
  private boolean closed;

  BlockStore(BlockMedium medium, Supplier<KeyRing> keys) {
    this.medium = medium;
    this.keys = keys;
  }

  /** Lends memory for a block, all zeros. */
  byte[] lend() {
    var kept = buffers.poll();
    return kept == null ? new byte[BLOCK_BYTES] : kept;
  }

  void takeBack(byte[] buffer) {
    Arrays.fill(buffer, (byte) 0);
    var _ = buffers.offer(buffer);
  }

  /** Writes a block; {@code plain} is zeros after {@code length}. */
  StoredBlock write(Place place, byte[] plain, int length) throws IOException {
    var unsealed = newBlock(length);
    var sealer = sealer();
    var isWritten = false;
    try {
      var sealed = sealer.seal(key(), place, unsealed, plain);
      medium.write(sealed.position(), sealer.stored(), sealed.runBytes());
      isWritten = true;
      return sealed;
    } finally {
      if (!isWritten) {
        free(unsealed);
      }
      var _ = sealers.offer(sealer);
    }
  }

  private synchronized StoredBlock newBlock(int length) {
    var runBytes = Space.runBytes(length);
    return new StoredBlock(space.take(runBytes), runBytes, length, ++lastVersion, 0, 0);
  }

  /** Reads a block; {@code plain} is zeros after its length. */
  void read(Place place, StoredBlock block, byte[] plain) throws IOException {
    var sealer = sealer();
    try {
      var there = medium.read(block.position(), sealer.stored(), block.runBytes());
      if (there < block.runBytes()) {
        throw damaged(
            place, "only %d of its %d bytes are there".formatted(there, block.runBytes()));
      }
      if (!sealer.open(key(), place, block, plain)) {
        throw damaged(place, "it is not what was last written");
      }
    } finally {
      var _ = sealers.offer(sealer);
    }
    Arrays.fill(plain, block.length(), plain.length, (byte) 0);
  }

  private static CorruptStorage damaged(Place place, String how) {
    return new CorruptStorage(
        "block %d of file %d of a vault: %s: someone else wrote to its medium"
            .formatted(place.index(), place.file(), how));
  }

  private Sealer sealer() {
    var kept = sealers.poll();
    return kept == null ? new Sealer() : kept;
  }

  /** The context's keys are made after its stores are open: so this one is when it is needed. */
  private synchronized EphemeralKey key() {
    if (closed) {
      throw new ClosedFileSystemException();
    }
    if (key == null) {
      key = keys.get().fresh(Sealer.KEY_BYTES);
    }
    return key;
  }

  /** Lets a block's run be used again. Space at the end goes back to the disk in larger pieces. */
  synchronized void free(StoredBlock block) {
    space.give(block.position(), block.runBytes());
    // Each whole run that is freed may be the one between the end and others that are free.
    if (!closed && block.position() + TRIM_BYTES >= space.end() - TRIM_BYTES) {
      trim();
    }
  }

  /** Under the lock, so that nobody is given a run beyond the new end before it is the end. */
  private void trim() {
    if (space.freeAtTheEnd() >= TRIM_BYTES) {
      try {
        medium.truncate(space.trim());
      } catch (IOException _) {
        // The space stays the file's, and is used before the file grows again.
      }
    }
  }

  void force() throws IOException {
    medium.force();
  }

  /** Refuses when the vault is closed, or its key is gone. */
  synchronized void requireAlive() {
    if (key().isDestroyed()) {
      throw new ContextDestroyed("a vault");
    }
  }

  /** Destroys the key first: whatever else fails, nothing is read any more. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      if (key != null) {
        key.close();
      }
      sealers.clear();
    }
    medium.close();
  }
}
