package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file of blocks under one key. Files are opened for each read, and not through channels, so that
 * an interrupted thread closes nobody's file. Its counts are guarded by the store's lock; writing
 * is the drainer's alone.
 */
final class Segment implements AutoCloseable {
  final long number;
  final Path file;
  final EphemeralKey key;

  /** Blocks that were given a place. */
  int placed;

  /** Blocks not released yet, of those that were given a place. */
  int live;

  /** Whether it is being closed, and takes no block any more. */
  boolean retired;

  private final RandomAccessFile out;

  Segment(Path directory, long number, EphemeralKey key) throws IOException {
    this.number = number;
    this.key = key;
    this.file = directory.resolve("segment-%08d.spill".formatted(number));
    createPrivate(file);
    this.out = new RandomAccessFile(file.toFile(), "rw");
  }

  private static void createPrivate(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
  }

  void write(int index, byte[] stored) throws IOException {
    out.seek((long) index * stored.length);
    out.write(stored);
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

  /** Destroys the key, then removes the file. */
  @Override
  public void close() throws IOException {
    key.close();
    out.close();
    try {
      Files.delete(file);
    } catch (NoSuchFileException _) {
      // Someone else removed it; that was the aim.
    }
  }
}
