package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.CorruptStorage;
import dev.cloister.core.Denied;
import dev.cloister.core.gate.Store;
import dev.cloister.core.policy.Resource;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One cell's entries: each is there whole or not at all, their sum stays within the quota, and
 * nothing is left after {@link #close}. The files are not encrypted: whoever may read the host's
 * directory reads them.
 *
 * <p>An entry is a file named by the SHA-256 of its name, so that no name of a guest reaches the
 * file system. It counts as its value, its name in UTF-8, and {@link #ENTRY_BYTES} for the file,
 * for a million empty entries cost as well. While an entry is replaced, old and new are on the disk
 * together; the quota counts what will be there afterwards. For any number of threads.
 */
final class CellStore implements Store {
  /** What a file costs beside its bytes: its rest of a block, its inode, its place in memory. */
  static final int ENTRY_BYTES = 4096;

  /** The longest name, in characters (code points). */
  static final int NAME_CHARACTERS = 255;

  private final Path directory;
  private final long quotaBytes;
  private final TreeMap<String, Integer> valueBytes = new TreeMap<>();
  private long usedBytes;
  private boolean closed;

  CellStore(Path directory, long quotaBytes) {
    this.directory = directory;
    this.quotaBytes = quotaBytes;
  }

  synchronized Optional<byte[]> get(String name) throws IOException {
    requireOpen();
    var expected = valueBytes.get(name);
    if (expected == null) {
      return Optional.empty();
    }
    var value = read(fileOf(name));
    if (value.length != expected) {
      throw new CorruptStorage(
          "an entry of %d bytes has %d: someone else wrote in %s"
              .formatted(expected, value.length, directory));
    }
    return Optional.of(value);
  }

  private byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException _) {
      throw new CorruptStorage("an entry is gone: someone else wrote in " + directory);
    }
  }

  synchronized void put(String name, byte[] value) throws IOException {
    requireOpen();
    var characters = name.codePointCount(0, name.length());
    if (characters < 1 || characters > NAME_CHARACTERS) {
      throw new IOException(
          "name of %d characters: allowed are 1 to %d".formatted(characters, NAME_CHARACTERS));
    }
    var after = usedBytes - cost(name) + cost(name, value.length);
    if (after > quotaBytes) {
      throw new Denied(
          "limits." + Resource.DISK_BYTES.label(),
          "an entry that makes it %d bytes: allowed are %d".formatted(after, quotaBytes));
    }
    replace(fileOf(name), value);
    valueBytes.put(name, value.length);
    usedBytes = after;
  }

  private void replace(Path file, byte[] value) throws IOException {
    var unfinished = directory.resolve("unfinished");
    try {
      Files.write(unfinished, value, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  synchronized boolean delete(String name) throws IOException {
    requireOpen();
    if (!valueBytes.containsKey(name)) {
      return false;
    }
    Files.deleteIfExists(fileOf(name));
    usedBytes -= cost(name);
    valueBytes.remove(name);
    return true;
  }

  /** The names, sorted. */
  synchronized List<String> list() {
    requireOpen();
    return List.copyOf(valueBytes.keySet());
  }

  /** What counts against the quota now. */
  synchronized long usedBytes() {
    return usedBytes;
  }

  /** Removes every entry and the directory. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    valueBytes.clear();
    usedBytes = 0;
    try (var files = Files.newDirectoryStream(directory)) {
      for (var file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Files.deleteIfExists(directory);
  }

  private void requireOpen() {
    if (closed) {
      throw new ContextDestroyed("the cell's store");
    }
  }

  /** What an entry that is there counts. */
  private long cost(String name) {
    var there = valueBytes.get(name);
    return there == null ? 0 : cost(name, there);
  }

  private static long cost(String name, int valueBytes) {
    return (long) ENTRY_BYTES + name.getBytes(UTF_8).length + valueBytes;
  }

  private Path fileOf(String name) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
      return directory.resolve(HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
