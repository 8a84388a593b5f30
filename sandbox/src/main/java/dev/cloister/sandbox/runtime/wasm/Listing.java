package dev.cloister.sandbox.runtime.wasm;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a directory from any of them on, in the file system's order, and none of them
 * kept: whoever asks for another than the next makes it begin again. Used by one thread.
 */
final class Listing implements Closeable {
  private static final int HEAD_BYTES = 24;

  private @Nullable DirectoryStream<Path> stream;
  private Iterator<Path> rest = Collections.emptyIterator();

  /** Which entry is to come next; the directory itself and its parent are the first two. */
  private long next;

  /** The one to come next, where it was looked at and did not fit. */
  private byte @Nullable [] ahead;

  /**
   * Fills a buffer, at the end with a part of an entry where one does not fit whole.
   *
   * @return how many bytes were written: fewer than there is room for when there is no more
   */
  int fill(GuestTree.Place directory, long cookie, Span buffer) throws IOException {
    if (stream == null || cookie != next) {
      begin(directory);
      skip(cookie);
    }
    var filled = 0;
    while (filled < buffer.length()) {
      var entry = entry(directory);
      if (entry.isEmpty()) {
        break;
      }
      var bytes = entry.get();
      var written = buffer.from(filled).write(bytes, 0);
      filled += written;
      if (written < bytes.length) {
        ahead = bytes;
        break;
      }
      ahead = null;
      next++;
    }
    return filled;
  }

  @SuppressWarnings("StreamResourceLeak") // closed by close, or by who begins again
  private void begin(GuestTree.Place directory) throws IOException {
    close();
    var opened = Files.newDirectoryStream(directory.path());
    stream = opened;
    rest = opened.iterator();
    next = 0;
    ahead = null;
  }

  /** Goes on to an entry; to the end where there are not as many. */
  private void skip(long cookie) {
    while (next != cookie && (next < 2 || rest.hasNext())) {
      if (next >= 2) {
        rest.next();
      }
      next++;
    }
  }

  private Optional<byte[]> entry(GuestTree.Place directory) throws IOException {
    if (ahead != null) {
      return Optional.of(ahead);
    }
    if (next < 2) {
      var number = FileStat.number(directory.path(), directory.found().orElseThrow());
      return Optional.of(written(next == 0 ? "." : "..", number, FileStat.DIRECTORY));
    }
    while (rest.hasNext()) {
      var path = rest.next();
      var found = GuestTree.look(path, LinkOption.NOFOLLOW_LINKS);
      // It may be gone by now: then it is no entry.
      if (found.isPresent()) {
        var name = Objects.requireNonNull(path.getFileName()).toString();
        return Optional.of(
            written(name, FileStat.number(path, found.get()), FileStat.type(found.get())));
      }
    }
    return Optional.empty();
  }

  private byte[] written(String name, long number, byte type) {
    var bytes = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HEAD_BYTES + bytes.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(next + 1)
        .putLong(number)
        .putInt(bytes.length)
        .putInt(type)
        .put(bytes)
        .array();
  }

  @Override
  public void close() throws IOException {
    var closed = stream;
    stream = null;
    if (closed != null) {
      closed.close();
    }
  }
}
