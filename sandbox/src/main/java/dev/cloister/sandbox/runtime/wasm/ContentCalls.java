package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;

/**
 * WASI's calls on a file's content. Bytes go by pieces of 64 KiB, and at most 16 MiB a call, so
 * that a call ends soon after its guest is to: what is more is left for the next, as read(2) has
 * it.
 */
final class ContentCalls {
  private static final int PIECE_BYTES = 1 << 16;
  private static final long CALL_BYTES = 16L << 20;

  private static final int SET = 0;
  private static final int CURRENT = 1;
  private static final int END = 2;

  private final Descriptors descriptors;

  ContentCalls(Descriptors descriptors) {
    this.descriptors = descriptors;
  }

  Map<String, FileCall> all() {
    return Map.of(
        "fd_read", this::read,
        "fd_pread", this::readAt,
        "fd_write", this::write,
        "fd_pwrite", this::writeAt,
        "fd_seek", this::seek,
        "fd_tell", this::tell,
        "fd_filestat_set_size", this::setSize,
        "fd_allocate", this::allocate,
        "fd_advise", this::advise);
  }

  private OpenFile file(long number, long rights) throws FileRefused {
    var file = descriptors.file(number);
    file.require(rights);
    return file;
  }

  private static long positive(long offset) throws FileRefused {
    if (offset < 0) {
      throw new FileRefused(Errno.INVALID);
    }
    return offset;
  }

  private void read(Instance guest, long[] a) throws IOException, FileRefused {
    var file = file(a[0], Rights.READ);
    var vectors = Vectors.of(guest, a[1], a[2]);
    var count = Span.of(guest, a[3], Integer.BYTES);
    var got = read(file.channel, vectors, file.position);
    file.position += got;
    count.writeInt((int) got);
  }

  private void readAt(Instance guest, long[] a) throws IOException, FileRefused {
    var file = file(a[0], Rights.READ | Rights.SEEK);
    var vectors = Vectors.of(guest, a[1], a[2]);
    var count = Span.of(guest, a[4], Integer.BYTES);
    count.writeInt((int) read(file.channel, vectors, positive(a[3])));
  }

  private void write(Instance guest, long[] a) throws IOException, FileRefused {
    var file = file(a[0], Rights.WRITE);
    var vectors = Vectors.of(guest, a[1], a[2]);
    var count = Span.of(guest, a[3], Integer.BYTES);
    var at = (file.flags & Descriptor.APPEND) == 0 ? file.position : file.channel.size();
    var written = write(file.channel, vectors, at);
    file.position = at + written;
    count.writeInt((int) written);
  }

  private void writeAt(Instance guest, long[] a) throws IOException, FileRefused {
    var file = file(a[0], Rights.WRITE | Rights.SEEK);
    var vectors = Vectors.of(guest, a[1], a[2]);
    var count = Span.of(guest, a[4], Integer.BYTES);
    count.writeInt((int) write(file.channel, vectors, positive(a[3])));
  }

  private static long read(FileChannel from, Vectors into, long at) throws IOException {
    var got = 0L;
    while (got < CALL_BYTES) {
      var piece = into.next(PIECE_BYTES);
      if (piece.length() == 0) {
        break;
      }
      var bytes = ByteBuffer.allocate(piece.length());
      var read = from.read(bytes, at + got);
      if (read <= 0) {
        break;
      }
      piece.write(bytes.array(), 0, read);
      got += read;
      if (read < piece.length()) {
        break;
      }
    }
    return got;
  }

  /** Writes; a failure after a part of it was written is told by the next call. */
  private static long write(FileChannel to, Vectors from, long at) throws IOException, FileRefused {
    var done = 0L;
    while (done < CALL_BYTES) {
      var piece = from.next(PIECE_BYTES);
      if (piece.length() == 0) {
        break;
      }
      if (at > Long.MAX_VALUE - done - piece.length()) {
        throw new FileRefused(Errno.TOO_LARGE);
      }
      var bytes = ByteBuffer.wrap(piece.read());
      try {
        while (bytes.hasRemaining()) {
          to.write(bytes, at + done + bytes.position());
        }
      } catch (IOException e) {
        if (done + bytes.position() == 0 || Errno.of(e) != Errno.NO_SPACE) {
          throw e;
        }
        return done + bytes.position();
      }
      done += piece.length();
    }
    return done;
  }

  private void seek(Instance guest, long[] a) throws IOException, FileRefused {
    var file = file(a[0], a[1] == 0 && (a[2] & 0xff) == CURRENT ? Rights.TELL : Rights.SEEK);
    var result = Span.of(guest, a[3], Long.BYTES);
    var from =
        switch ((int) a[2]) {
          case SET -> 0;
          case CURRENT -> file.position;
          case END -> file.channel.size();
          default -> throw new FileRefused(Errno.INVALID);
        };
    if (a[1] > Long.MAX_VALUE - from) {
      throw new FileRefused(Errno.OVERFLOW);
    }
    file.position = positive(from + a[1]);
    result.writeLong(file.position);
  }

  private void tell(Instance guest, long[] a) throws FileRefused {
    Span.of(guest, a[1], Long.BYTES).writeLong(file(a[0], Rights.TELL).position);
  }

  private void setSize(Instance guest, long[] a) throws IOException, FileRefused {
    var channel = file(a[0], Rights.SET_SIZE).channel;
    var size = positive(a[1]);
    if (size < channel.size()) {
      channel.truncate(size);
    } else if (size > channel.size()) {
      // What lies between reads as zeros; a channel does not grow by truncate.
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
  }

  /** No file system of NIO promises room that is not written yet. */
  private void allocate(Instance guest, long[] a) throws FileRefused {
    file(a[0], Rights.ALLOCATE);
    throw new FileRefused(Errno.NOT_SUPPORTED);
  }

  /** Advice is taken and not followed. */
  private void advise(Instance guest, long[] a) throws FileRefused {
    file(a[0], Rights.ADVISE);
  }
}
