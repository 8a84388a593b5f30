package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * An open file of a vault. As with every file channel, an interrupt of a thread inside closes it;
 * each block is then as it was or as it was to be. Neither mapping nor locking is to be had: a map
 * would lie in plain where the system may write it to disk, and there is no other process to lock
 * out. For any number of threads.
 */
final class VaultChannel extends FileChannel {
  private final VaultFileSystem fileSystem;
  private final VaultPath path;
  private final FileNode file;
  private final OpenMode mode;

  /** Guards the position. */
  private final Object lock = new Object();

  private long position;

  /** What is done at one position, of a file that is open. */
  private interface Work {
    int at(long position) throws IOException;
  }

  VaultChannel(VaultFileSystem fileSystem, VaultPath path, FileNode file, OpenMode mode) {
    this.fileSystem = fileSystem;
    this.path = path;
    this.file = file;
    this.mode = mode;
  }

  /** Does what may take long, and can be interrupted; a file that was closed is left alone. */
  private int run(Work work, long at) throws IOException {
    var done = 0;
    var isDone = false;
    try {
      begin();
      synchronized (file.content) {
        if (isOpen()) {
          done = work.at(at);
          isDone = true;
        }
      }
      return done;
    } finally {
      end(isDone);
    }
  }

  private void requireOpen() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    fileSystem.requireAlive();
  }

  private void requireReads() throws IOException {
    requireOpen();
    if (!mode.reads()) {
      throw new NonReadableChannelException();
    }
  }

  private void requireWrites() throws IOException {
    requireOpen();
    if (!mode.writes()) {
      throw new NonWritableChannelException();
    }
  }

  private int readAt(long at, ByteBuffer into) throws IOException {
    if (into.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    return file.content.read(at, into, this::isOpen);
  }

  private int writeAt(long at, ByteBuffer from) throws IOException {
    // The end is found under the lock that it is moved under.
    var start = mode.appends() ? file.size() : at;
    var written = file.content.write(start, from, this::isOpen, path.toString());
    if (written > 0) {
      file.touch(fileSystem.tree().now());
    }
    if (mode.forces()) {
      file.content.flush();
      fileSystem.force();
    }
    return written;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    requireReads();
    synchronized (lock) {
      var read = run(at -> readAt(at, into), position);
      position += Math.max(0, read);
      return read;
    }
  }

  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    notNegative(at);
    requireReads();
    return run(p -> readAt(p, into), at);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    requireReads();
    synchronized (lock) {
      var all = 0L;
      for (var i = offset; i < offset + length; i++) {
        var wanted = into[i].remaining();
        var read = read(into[i]);
        if (read < 0) {
          return all == 0 ? read : all;
        }
        all += read;
        if (read < wanted) {
          break;
        }
      }
      return all;
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    requireWrites();
    synchronized (lock) {
      var written = run(at -> writeAt(at, from), position);
      position = mode.appends() ? file.size() : position + written;
      return written;
    }
  }

  @Override
  public int write(ByteBuffer from, long at) throws IOException {
    notNegative(at);
    requireWrites();
    return run(p -> writeAt(p, from), at);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    requireWrites();
    synchronized (lock) {
      var all = 0L;
      for (var i = offset; i < offset + length; i++) {
        var wanted = from[i].remaining();
        var written = write(from[i]);
        all += written;
        if (written < wanted) {
          break;
        }
      }
      return all;
    }
  }

  private static void notNegative(long at) {
    if (at < 0) {
      throw new IllegalArgumentException("Negative position");
    }
  }

  @Override
  public long position() throws IOException {
    requireOpen();
    synchronized (lock) {
      return mode.appends() ? file.size() : position;
    }
  }

  @Override
  public VaultChannel position(long newPosition) throws IOException {
    requireOpen();
    notNegative(newPosition);
    synchronized (lock) {
      position = newPosition;
    }
    return this;
  }

  @Override
  public long size() throws IOException {
    requireOpen();
    return file.size();
  }

  @Override
  public VaultChannel truncate(long size) throws IOException {
    requireOpen();
    if (size < 0) {
      throw new IllegalArgumentException("Negative size");
    }
    requireWrites();
    synchronized (lock) {
      if (size < file.size()) {
        file.content.truncate(size);
        file.touch(fileSystem.tree().now());
      }
      position = Math.min(position, size);
    }
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    requireOpen();
    file.content.flush();
    fileSystem.force();
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    notNegative(Math.min(from, count));
    requireReads();
    var buffer = buffer(count);
    var all = 0L;
    while (all < count && read(piece(buffer, count - all), from + all) > 0) {
      all += target.write(buffer.flip());
      if (buffer.hasRemaining()) {
        break;
      }
    }
    return all;
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
    notNegative(Math.min(at, count));
    requireWrites();
    var buffer = buffer(count);
    var all = 0L;
    while (at <= file.size() && all < count && source.read(piece(buffer, count - all)) > 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        all += write(buffer, at + all);
      }
    }
    return all;
  }

  private static ByteBuffer buffer(long count) {
    return ByteBuffer.allocate((int) Math.min(count, BlockStore.BLOCK_BYTES));
  }

  private static ByteBuffer piece(ByteBuffer buffer, long left) {
    return buffer.clear().limit((int) Math.min(left, buffer.capacity()));
  }

  @Override
  public MappedByteBuffer map(MapMode how, long from, long size) {
    throw new UnsupportedOperationException(
        "a file of a vault is not mapped: it would be in plain");
  }

  @Override
  public FileLock lock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException(
        "a file of a vault is not locked: no other process sees it");
  }

  @Override
  public FileLock tryLock(long from, long size, boolean shared) {
    return lock(from, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    fileSystem.closed(this, file);
  }

  /** Names the file, and nothing of it. */
  @Override
  public String toString() {
    return path.toString();
  }
}
