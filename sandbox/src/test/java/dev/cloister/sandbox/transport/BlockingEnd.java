package dev.cloister.sandbox.transport;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A socket with blocking streams, as peers that are not ours use them. */
final class BlockingEnd implements CellChannel {
  private final Socket socket;

  BlockingEnd(Socket socket) {
    this.socket = socket;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    var bytes = new byte[into.remaining()];
    var count = socket.getInputStream().read(bytes);
    into.put(bytes, 0, Math.max(0, count));
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    var bytes = new byte[from.remaining()];
    from.get(bytes);
    socket.getOutputStream().write(bytes);
    return bytes.length;
  }

  @Override
  public void timeout(Duration most) {
    try {
      socket.setSoTimeout(Math.toIntExact(most.toMillis()) + 1);
    } catch (SocketException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean isOpen() {
    return !socket.isClosed();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
