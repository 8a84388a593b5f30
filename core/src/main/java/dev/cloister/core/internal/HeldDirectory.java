package dev.cloister.core.internal;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;

/**
 * A directory held by one owner; what a dead process left in it is removed when it is opened, and
 * all that is its owner's when it is closed. It says nothing of what others put there: its owner's
 * are the files, and directories of files, whose names end with the kind.
 *
 * <p>Two files say that it is held. The lock keeps other processes out, and dies with its process;
 * but it is the process's, and is lost when any channel on its file is closed (fcntl(2)). So an
 * owner in the same process may not even open it: the mark, which bears the process's name, is seen
 * first. Not thread-safe.
 */
public final class HeldDirectory implements AutoCloseable {
  private static final String MARK = "held-by-";

  private final Path directory;
  private final String kind;
  private final boolean created;
  private final Path mark;
  private final Channel channel;
  private final int removed;

  private HeldDirectory(
      Path directory, String kind, boolean created, Path mark, FileLock lock, int removed) {
    this.directory = directory;
    this.kind = kind;
    this.created = created;
    this.mark = mark;
    this.channel = lock.acquiredBy();
    this.removed = removed;
  }

  /**
   * Takes a directory, and makes it where there is none.
   *
   * @param directory where
   * @param kind what the names of the owner's files end with, after a full stop; also names the
   *     directory in errors
   * @return the directory, without what a dead process left
   * @throws IOException when it cannot be written to, or another owner holds it
   */
  public static HeldDirectory open(Path directory, String kind) throws IOException {
    try {
      return hold(directory, kind);
    } catch (FileSystemException e) {
      throw new IOException(
          "%s directory %s cannot be written to: choose another directory (%s)"
              .formatted(kind, directory, e),
          e);
    }
  }

  private static HeldDirectory hold(Path directory, String kind) throws IOException {
    var created = !Files.exists(directory);
    Files.createDirectories(directory);
    var mark = directory.resolve(markOf(ProcessHandle.current(), kind));
    try {
      Files.createFile(mark);
    } catch (FileAlreadyExistsException _) {
      throw inUse(directory, kind);
    }
    try {
      var lock = lock(directory, kind);
      try {
        remove(directory, entry -> isMark(entry, kind) && !entry.equals(mark));
        var removed = remove(directory, entry -> isOwned(entry, kind));
        return new HeldDirectory(directory, kind, created, mark, lock, removed);
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
  private static String markOf(ProcessHandle process, String kind) {
    var start = process.info().startInstant().orElse(Instant.EPOCH);
    return MARK + "%d-%d.%s".formatted(process.pid(), start.toEpochMilli(), kind);
  }

  private static Path lockIn(Path directory, String kind) {
    return directory.resolve("lock." + kind);
  }

  /**
   * Locks the lock file. A holder that closes removes it; so the lock counts only when its name
   * meant the same file before it was opened as after it was locked.
   */
  private static FileLock lock(Path directory, String kind) throws IOException {
    var file = lockIn(directory, kind);
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
        throw inUse(directory, kind);
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

  private static IOException inUse(Path directory, String kind) {
    return new IOException(
        kind + " directory " + directory + " is held by another store: choose another directory");
  }

  /** Not the marks: another's may be on its way to the lock. */
  private static boolean isOwned(Path entry, String kind) {
    var name = entry.getFileName().toString();
    return name.endsWith("." + kind) && !isMark(entry, kind) && !name.equals("lock." + kind);
  }

  private static boolean isMark(Path entry, String kind) {
    var name = entry.getFileName().toString();
    return name.startsWith(MARK) && name.endsWith("." + kind);
  }

  private static int remove(Path directory, DirectoryStream.Filter<Path> which) throws IOException {
    var removed = 0;
    try (var left = Files.newDirectoryStream(directory, which)) {
      for (var entry : left) {
        if (remove(entry)) {
          removed++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return removed;
  }

  private static boolean remove(Path entry) throws IOException {
    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      remove(entry, _ -> true);
    }
    return Files.deleteIfExists(entry);
  }

  /**
   * Returns where it is.
   *
   * @return as it was opened
   */
  public Path path() {
    return directory;
  }

  /**
   * Returns how many files of a dead process were removed.
   *
   * @return a directory of files counts as one
   */
  public int removed() {
    return removed;
  }

  /**
   * Tells whether the disk has space for some more bytes.
   *
   * @param bytes how many
   * @return also yes when that cannot be told
   */
  public boolean hasSpace(long bytes) {
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
      remove(directory, entry -> isOwned(entry, kind));
      Files.deleteIfExists(lockIn(directory, kind));
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
