package dev.cloister.tracing.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The part of a file that is being looked at, in one array that is read ahead and grows to a bound.
 */
final class FileWindow implements AutoCloseable {
  /** The most that one record may need. */
  static final int BYTES_MAX = 32 << 20;

  private static final int READ_AHEAD_BYTES = 1 << 20;

  private final FileChannel channel;
  private final long size;
  private byte[] bytes = new byte[READ_AHEAD_BYTES];
  private int position;
  private int limit;

  /** Where in the file {@code bytes[0]} is. */
  private long base;

  FileWindow(Path file) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.size = channel.size();
  }

  byte[] bytes() {
    return bytes;
  }

  /** Returns where in {@link #bytes()} the next unread byte is. */
  int position() {
    return position;
  }

  /** Returns where in the file the next unread byte is. */
  long offset() {
    return base + position;
  }

  long size() {
    return size;
  }

  int available() {
    return limit - position;
  }

  void skip(int count) {
    position += count;
  }

  /** Makes a number of bytes available from {@link #position()}; false at the end of the file. */
  boolean need(int count) throws IOException {
    return limit - position >= count || fill(count);
  }

  private boolean fill(int count) throws IOException {
    if (count > BYTES_MAX) {
      return false;
    }
    makeRoom(count);
    var buffer = ByteBuffer.wrap(bytes);
    while (limit - position < count) {
      buffer.limit(bytes.length).position(limit);
      if (channel.read(buffer) < 0) {
        return false;
      }
      limit = buffer.position();
    }
    return true;
  }

  private void makeRoom(int count) {
    var rest = limit - position;
    var target = count > bytes.length ? new byte[Math.max(count, 2 * bytes.length)] : bytes;
    System.arraycopy(bytes, position, target, 0, rest);
    base += position;
    position = 0;
    limit = rest;
    bytes = target;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
