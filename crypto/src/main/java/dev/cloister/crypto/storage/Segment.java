package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file of blocks under one key. Its counts are guarded by the store's lock; one drainer at a time
 * writes, while any reader reads. The file is opened for each block, so that an interrupted thread,
 * whose channel closes, closes nobody's file.
 */
final class Segment implements AutoCloseable {
  final long number;
  final EphemeralKey key;

  /** Blocks that were given a place. */
  int placed;

  /** Blocks that are not gone, of those that were given a place. */
  int live;

  private final Path file;
  private final DiskAccess access;

  private Segment(Path file, long number, DiskAccess access, EphemeralKey key) {
    this.file = file;
    this.number = number;
    this.access = access;
    this.key = key;
  }

  /** Makes the file, for its owner alone. */
  static Segment create(Path directory, long number, DiskAccess access, EphemeralKey key)
      throws IOException {
    var file = directory.resolve("segment-%08d.spill".formatted(number));
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
    return new Segment(file, number, access, key);
  }

  /** Writes the buffer's block; after a failure no other is written. */
  void write(int index, DiskBuffer buffer) throws IOException {
    var start = (long) index * buffer.block.length;
    try {
      transfer(
          access.writing(),
          out -> {
            var left = buffer.toWrite();
            while (left.hasRemaining()) {
              out.write(left, start + left.position());
            }
          });
    } catch (IOException e) {
      cutTo(start, e);
      throw e;
    }
  }

  /** Gives back the piece of a block that was written, which on a full disk someone needs. */
  private void cutTo(long bytes, IOException cause) {
    try {
      transfer(DiskAccess.ORDINARY.writing(), out -> out.truncate(bytes));
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Reads a block into the buffer. */
  void read(int index, DiskBuffer buffer) throws BlockDamaged {
    var start = (long) index * buffer.block.length;
    try {
      transfer(
          access.reading(),
          in -> {
            if (in.read(buffer.toRead(), start) < buffer.block.length) {
              throw new EOFException();
            }
          });
      buffer.wasRead();
    } catch (EOFException _) {
      throw new BlockDamaged(Loss.TRUNCATED);
    } catch (NoSuchFileException _) {
      throw new BlockDamaged(Loss.MISSING);
    } catch (IOException _) {
      throw new BlockDamaged(Loss.READ_FAILED);
    }
  }

  private interface Transfer {
    void with(FileChannel channel) throws IOException;
  }

  /** Does it again when an interrupt came between, which is kept for the caller. */
  private void transfer(Set<? extends OpenOption> how, Transfer transfer) throws IOException {
    var interrupted = false;
    try {
      while (!isDone(how, transfer)) {
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isDone(Set<? extends OpenOption> how, Transfer transfer) throws IOException {
    try (var channel = FileChannel.open(file, how)) {
      transfer.with(channel);
      return true;
    } catch (ClosedByInterruptException _) {
      return false;
    }
  }

  /** Destroys the key, then removes the file; one that cannot be is removed with the directory. */
  @Override
  public void close() {
    key.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Nothing opens it any more.
    }
  }
}
