package dev.cloister.sandbox.transport;

import dev.cloister.sandbox.session.CellChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Changes one byte of what is read through it, and keeps all that was. */
final class Tampering implements CellChannel {
  private final CellChannel over;
  private final int offset;
  private final int flip;
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  Tampering(CellChannel over, int offset, int flip) {
    this.over = over;
    this.offset = offset;
    this.flip = flip;
  }

  /** Returns all that was read, as it came. */
  byte[] read() {
    return read.toByteArray();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    var start = into.position();
    var count = over.read(into);
    for (var at = start; at < start + count; at++) {
      var isMeant = read.size() == offset;
      read.write(into.get(at));
      into.put(at, (byte) (into.get(at) ^ (isMeant ? flip : 0)));
    }
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return over.write(from);
  }

  @Override
  public void timeout(Duration most) {
    over.timeout(most);
  }

  @Override
  public boolean isOpen() {
    return over.isOpen();
  }

  @Override
  public void close() throws IOException {
    over.close();
  }
}
