package dev.cloister.crypto.storage;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;

/**
 * A directory held by one store; what a dead process left in it is removed when it is opened.
 *
 * <p>Two files say that it is held. The lock keeps other processes out, and dies with its process;
 * but it is the process's, and is lost when any channel on its file is closed (fcntl(2)). So a
 * store of the same process may not even open it: the mark, which bears the process's name, is seen
 * first.
 */
final class SpillDirectory implements AutoCloseable {
  private static final String LOCK = "lock.spill";
  private static final String MARKS = "held-by-*.spill";
  private static final String SEGMENTS = "segment-*.spill";

  private final Path directory;
  private final boolean created;
  private final Path mark;
  private final Channel channel;

  /** How many files of a dead process were removed. */
  final int removed;

  private SpillDirectory(Path directory, boolean created, Path mark, FileLock lock, int removed) {
    this.directory = directory;
    this.created = created;
    this.mark = mark;
    this.channel = lock.acquiredBy();
    this.removed = removed;
  }

  static SpillDirectory open(Path directory) throws IOException {
    try {
      return hold(directory);
    } catch (FileSystemException e) {
      throw new IOException(
          "spill directory %s cannot be written to: choose another directory (%s)"
              .formatted(directory, e),
          e);
    }
  }

  private static SpillDirectory hold(Path directory) throws IOException {
    var created = !Files.exists(directory);
    Files.createDirectories(directory);
    var mark = directory.resolve(markOf(ProcessHandle.current()));
    try {
      Files.createFile(mark);
    } catch (FileAlreadyExistsException _) {
      throw inUse(directory);
    }
    try {
      var lock = lock(directory);
      try {
        remove(directory, MARKS, mark);
        var removed = remove(directory, SEGMENTS, mark);
        return new SpillDirectory(directory, created, mark, lock, removed);
      } catch (IOException e) {
        lock.acquiredBy().close();
        throw e;
      }
    } catch (IOException e) {
      Files.deleteIfExists(mark);
      throw e;
    }
  }

  /** A number alone is not enough: in a container every process may have the same. */
  private static String markOf(ProcessHandle process) {
    var start = process.info().startInstant().orElse(Instant.EPOCH);
    return "held-by-%d-%d.spill".formatted(process.pid(), start.toEpochMilli());
  }

  /**
   * Locks the lock file. A holder that closes removes it; so the lock counts only when its name
   * meant the same file before it was opened as after it was locked.
   */
  private static FileLock lock(Path directory) throws IOException {
    var file = directory.resolve(LOCK);
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException _) {
      // Of a living process, or of a dead one.
    }
    var before = identity(file);
    var channel = FileChannel.open(file, StandardOpenOption.WRITE);
    try {
      var lock = channel.tryLock();
      if (lock == null || !before.equals(identity(file))) {
        throw inUse(directory);
      }
      return lock;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Empty where files have no identity; there none that is open can be removed. */
  private static Optional<Object> identity(Path file) throws IOException {
    return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
  }

  private static IOException inUse(Path directory) {
    return new IOException(
        "spill directory " + directory + " is held by another store: choose another directory");
  }

  private static int remove(Path directory, String pattern, Path except) throws IOException {
    var removed = 0;
    try (var left = Files.newDirectoryStream(directory, pattern)) {
      for (var file : left) {
        if (!file.equals(except) && Files.deleteIfExists(file)) {
          removed++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return removed;
  }

  Path path() {
    return directory;
  }

  /** Tells whether the disk has space for some more bytes. */
  boolean hasSpace(long bytes) {
    try {
      return Files.getFileStore(directory).getUsableSpace() >= bytes;
    } catch (IOException _) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    // The lock file goes while it is still locked, or a newcomer's would be removed.
    try (channel) {
      remove(directory, SEGMENTS, mark);
      Files.deleteIfExists(directory.resolve(LOCK));
    } finally {
      Files.deleteIfExists(mark);
    }
    if (created) {
      try {
        Files.delete(directory);
      } catch (DirectoryNotEmptyException | NoSuchFileException _) {
        // Something else was put there meanwhile, and is not ours to remove; or all is gone.
      }
    }
  }
}
