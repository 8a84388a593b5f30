package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** What was in a directory when it was opened, sorted by name. Used by one thread. */
final class VaultDirectoryStream implements DirectoryStream<Path> {
  private final VaultFileSystem fileSystem;
  private final VaultPath directory;
  private final List<String> names;
  private final Filter<? super Path> filter;
  private boolean isGiven;

  /** Read by the iterator, which ends when the stream is closed. */
  private volatile boolean isClosed;

  private VaultDirectoryStream(
      VaultFileSystem fileSystem,
      VaultPath directory,
      List<String> names,
      Filter<? super Path> filter) {
    this.fileSystem = fileSystem;
    this.directory = directory;
    this.names = names;
    this.filter = filter;
  }

  static VaultDirectoryStream open(
      VaultFileSystem fileSystem, VaultPath directory, Filter<? super Path> filter)
      throws IOException {
    var names = fileSystem.tree().list(directory);
    var stream = new VaultDirectoryStream(fileSystem, directory, names, filter);
    fileSystem.opened(stream, directory);
    return stream;
  }

  @Override
  public Iterator<Path> iterator() {
    if (isClosed) {
      throw new IllegalStateException("Directory stream is closed");
    }
    if (isGiven) {
      throw new IllegalStateException("Iterator already obtained");
    }
    isGiven = true;
    return names.stream()
        .takeWhile(_ -> !isClosed)
        .<Path>map(directory::resolve)
        .filter(this::isAccepted)
        .iterator();
  }

  private boolean isAccepted(Path entry) {
    try {
      return filter.accept(entry);
    } catch (IOException e) {
      throw new DirectoryIteratorException(e);
    }
  }

  @Override
  public void close() {
    isClosed = true;
    fileSystem.closed(this);
  }

  /** Names the directory, and nothing of it. */
  @Override
  public String toString() {
    return directory.toString();
  }
}
