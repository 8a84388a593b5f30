package dev.cloister.crypto.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A directory held by one store; what a dead process left in it is removed when it is opened. */
final class SpillDirectory implements AutoCloseable {
  private static final String LOCK = "lock.spill";
  private static final String SEGMENTS = "segment-*.spill";

  private final Path directory;
  private final boolean created;
  private final FileChannel channel;
  private final FileLock lock;

  /** How many files of a dead process were removed. */
  final int removed;

  private SpillDirectory(
      Path directory, boolean created, FileChannel channel, FileLock lock, int removed) {
    this.directory = directory;
    this.created = created;
    this.channel = channel;
    this.lock = lock;
    this.removed = removed;
  }

  static SpillDirectory open(Path directory) throws IOException {
    var created = !Files.exists(directory);
    Files.createDirectories(directory);
    var channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      var lock = channel.tryLock();
      if (lock == null) {
        throw inUse(directory);
      }
      return new SpillDirectory(directory, created, channel, lock, removeSegments(directory));
    } catch (OverlappingFileLockException _) {
      channel.close();
      throw inUse(directory);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static IOException inUse(Path directory) {
    return new IOException(
        "spill directory " + directory + " is held by another store: choose another directory");
  }

  private static int removeSegments(Path directory) throws IOException {
    var removed = 0;
    try (var left = Files.newDirectoryStream(directory, SEGMENTS)) {
      for (var file : left) {
        Files.delete(file);
        removed++;
      }
    }
    return removed;
  }

  Path path() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    removeSegments(directory);
    // The lock file goes first, while it is still locked, or a newcomer's would be removed.
    Files.deleteIfExists(directory.resolve(LOCK));
    lock.release();
    channel.close();
    if (created) {
      try {
        Files.delete(directory);
      } catch (DirectoryNotEmptyException _) {
        // Something else was put there meanwhile: it is not ours to remove.
      }
    }
  }
}
