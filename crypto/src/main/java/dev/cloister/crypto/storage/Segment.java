package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
  private final Set<? extends OpenOption> writing;

  private Segment(Path file, long number, Set<? extends OpenOption> writing, EphemeralKey key) {
    this.file = file;
    this.number = number;
    this.writing = writing;
    this.key = key;
  }

  /** Makes the file, for its owner alone; its blocks are written as the options say. */
  static Segment create(
      Path directory, long number, Set<? extends OpenOption> writing, EphemeralKey key)
      throws IOException {
    var file = directory.resolve("segment-%08d.spill".formatted(number));
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
    return new Segment(file, number, writing, key);
  }

  /**
   * Writes a block, which is all of the buffer; after a failure no other is written. An interrupt
   * is kept for the caller.
   */
  void write(int index, ByteBuffer stored) throws IOException {
    var start = (long) index * stored.limit();
    var interrupted = false;
    try {
      while (!tryWrite(start, stored.rewind())) {
        interrupted |= Thread.interrupted();
      }
    } catch (IOException e) {
      cutTo(start, e);
      throw e;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns false when an interrupt came between. */
  private boolean tryWrite(long start, ByteBuffer stored) throws IOException {
    try (var out = FileChannel.open(file, writing)) {
      while (stored.hasRemaining()) {
        out.write(stored, start + stored.position());
      }
      return true;
    } catch (ClosedByInterruptException _) {
      return false;
    }
  }

  /** Gives back the piece of a block that was written, which on a full disk someone needs. */
  private void cutTo(long bytes, IOException cause) {
    try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      out.truncate(bytes);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Reads a block into {@code stored}. */
  void read(int index, byte[] stored) throws BlockDamaged {
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek((long) index * stored.length);
      in.readFully(stored);
    } catch (EOFException _) {
      throw new BlockDamaged(Loss.TRUNCATED);
    } catch (FileNotFoundException _) {
      throw new BlockDamaged(Files.exists(file) ? Loss.READ_FAILED : Loss.MISSING);
    } catch (IOException _) {
      throw new BlockDamaged(Loss.READ_FAILED);
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
