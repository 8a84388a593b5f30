package dev.cloister.sandbox.cgroup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A control file that is kept open, for it is read again and again: to open it costs several times
 * as much as to read it. No interruption of a reading thread closes it. For one thread at a time.
 */
final class ControlFile implements Closeable {
  /** All that a group's counters take; of a longer file the head is read. */
  private static final int BYTES = 2048;

  private final RandomAccessFile file;
  private final byte[] bytes = new byte[BYTES];

  ControlFile(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "r");
  }

  /** Reads what it says now, without the last line feed. */
  String read() throws IOException {
    file.seek(0);
    var length = Math.max(0, file.read(bytes));
    return new String(bytes, 0, length, US_ASCII).stripTrailing();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
