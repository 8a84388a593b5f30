package dev.cloister.sandbox.session;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/** A channel whose other side has said all it will before anything is asked. */
final class ScriptedChannel implements CellChannel {
  private final ByteBuffer in;
  final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private volatile boolean closed;

  ScriptedChannel(byte[] said) {
    in = ByteBuffer.wrap(said);
  }

  @Override
  public int read(ByteBuffer into) throws ClosedChannelException {
    checkOpen();
    if (!in.hasRemaining()) {
      return into.hasRemaining() ? -1 : 0;
    }
    var count = Math.min(into.remaining(), in.remaining());
    into.put(in.slice(in.position(), count));
    in.position(in.position() + count);
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws ClosedChannelException {
    checkOpen();
    var bytes = Wire.bytes(from);
    written.writeBytes(bytes);
    return bytes.length;
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void timeout(Duration most) {
    // Nothing here waits.
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
