package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file of blocks under one key. Its counts are guarded by the store's lock; one drainer writes,
 * while any reader reads. Files are opened for each read, and not through channels, so that an
 * interrupted thread closes nobody's file.
 */
final class Segment implements AutoCloseable {
  final long number;
  final EphemeralKey key;

  /** Blocks that were given a place. */
  int placed;

  /** Blocks that are not gone, of those that were given a place. */
  int live;

  private final Path file;
  private final int blocks;

  /** Open until the last block is written, or one could not be. */
  private final RandomAccessFile out;

  private Segment(Path file, long number, int blocks, EphemeralKey key) throws IOException {
    this.file = file;
    this.number = number;
    this.blocks = blocks;
    this.key = key;
    this.out = new RandomAccessFile(file.toFile(), "rw");
  }

  /** Makes the file, for its owner alone. */
  static Segment create(Path directory, long number, int blocks, EphemeralKey key)
      throws IOException {
    var file = directory.resolve("segment-%08d.spill".formatted(number));
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
    return new Segment(file, number, blocks, key);
  }

  /** Writes a block; after a failure no other is written. */
  void write(int index, byte[] stored) throws IOException {
    var start = (long) index * stored.length;
    try {
      out.seek(start);
      out.write(stored);
    } catch (IOException e) {
      cutTo(start, e);
      throw e;
    }
    if (index == blocks - 1) {
      out.close();
    }
  }

  /** Gives back the piece of a block that was written, which on a full disk someone needs. */
  private void cutTo(long bytes, IOException cause) {
    try (out) {
      out.setLength(bytes);
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
    try (out) {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Nothing opens it any more.
    }
  }
}
