package dev.cloister.sandbox.session;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A channel that keeps what passes through another, and may break after so many bytes have come,
 * wherever in a frame that is.
 */
final class WatchedChannel implements CellChannel {
  private final CellChannel through;
  private int left;
  final ByteArrayOutputStream read = new ByteArrayOutputStream();
  final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private WatchedChannel(CellChannel through, int left) {
    this.through = through;
    this.left = left;
  }

  static WatchedChannel over(CellChannel through) {
    return breakingAfter(Integer.MAX_VALUE, through);
  }

  static WatchedChannel breakingAfter(int bytes, CellChannel through) {
    return new WatchedChannel(through, bytes);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (left == 0) {
      close();
      throw new IOException("broken by the test");
    }
    var some = into.slice(into.position(), Math.min(into.remaining(), left));
    var count = through.read(some);
    if (count > 0) {
      read.writeBytes(Wire.bytes(some.flip()));
      into.position(into.position() + count);
      left -= count;
    }
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    written.writeBytes(Wire.bytes(from.duplicate()));
    return through.write(from);
  }

  @Override
  public void timeout(Duration most) {
    through.timeout(most);
  }

  @Override
  public boolean isOpen() {
    return through.isOpen();
  }

  @Override
  public void close() throws IOException {
    through.close();
  }
}
