package dev.cloister.sandbox.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * One opened file; works on after the file's last name is gone. Reads and writes at a place: many
 * at once where the provider has a {@link FileChannel}, else one after the other.
 */
final class OpenFile implements Handle {
  private final Node node;
  private final SeekableByteChannel channel;

  OpenFile(Node node, SeekableByteChannel channel) {
    this.node = node;
    this.channel = channel;
  }

  @Override
  public Node node() {
    return node;
  }

  /** Reads until the buffer is full or the file ends. */
  void read(ByteBuffer into, long offset) throws IOException {
    requirePlace(offset);
    if (channel instanceof FileChannel file) {
      var at = offset;
      for (var read = 0; into.hasRemaining() && read >= 0; at += read) {
        read = file.read(into, at);
      }
      return;
    }
    synchronized (this) {
      var read = 0;
      channel.position(offset);
      while (into.hasRemaining() && read >= 0) {
        read = channel.read(into);
      }
    }
  }

  /** Writes all, or as much as finds room; nothing at all is an error. */
  int write(ByteBuffer from, long offset) throws IOException {
    requirePlace(offset);
    var start = from.position();
    try {
      if (channel instanceof FileChannel file) {
        while (from.hasRemaining()) {
          file.write(from, offset + from.position() - start);
        }
      } else {
        writeInTurn(from, offset);
      }
    } catch (IOException e) {
      if (from.position() == start) {
        throw e;
      }
      // What was written counts; the rest comes again and meets the error.
    }
    return from.position() - start;
  }

  private synchronized void writeInTurn(ByteBuffer from, long offset) throws IOException {
    channel.position(offset);
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  /** Cuts, or grows by zeroes: the kernel writes nothing else meanwhile. */
  synchronized void resize(long size) throws IOException {
    requirePlace(size);
    if (size <= channel.size()) {
      channel.truncate(size);
    } else {
      write(ByteBuffer.allocate(1), size - 1);
    }
  }

  long size() throws IOException {
    return channel.size();
  }

  void sync(boolean dataOnly) throws IOException {
    if (!(channel instanceof FileChannel file)) {
      // As fsync(2) says of what cannot be synchronized.
      throw new Refused(Errno.EINVAL);
    }
    file.force(!dataOnly);
  }

  private static void requirePlace(long offset) throws Refused {
    if (offset < 0) {
      throw new Refused(Errno.EINVAL);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
