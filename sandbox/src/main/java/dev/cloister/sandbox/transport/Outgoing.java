package dev.cloister.sandbox.transport;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * What one side of a connection sends, record by record. What the connection itself has to say goes
 * out by whoever has the lock; nobody but a writer waits for it.
 */
final class Outgoing {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SSLEngine engine;
  private final CellChannel over;
  private final ReentrantLock sending = new ReentrantLock();

  /** What remains of the last record; guarded by the lock. */
  private final ByteBuffer record;

  Outgoing(SSLEngine engine, CellChannel over) {
    this.engine = engine;
    this.over = over;
    this.record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
  }

  int write(ByteBuffer from) throws IOException {
    sending.lock();
    try {
      var before = from.remaining();
      flush();
      while (from.hasRemaining()) {
        var most = Math.min(from.remaining(), CellChannel.BYTES_AT_BEST);
        var result = seal(from.slice(from.position(), most));
        if (result.bytesConsumed() + result.bytesProduced() == 0) {
          throw new SSLException("the TLS engine takes nothing more: " + result);
        }
        from.position(from.position() + result.bytesConsumed());
        flush();
      }
      return before - from.remaining();
    } finally {
      sending.unlock();
    }
  }

  private void flush() throws IOException {
    while (record.hasRemaining()) {
      over.write(record);
    }
  }

  private SSLEngineResult seal(ByteBuffer from) throws IOException {
    record.clear();
    try {
      var result = engine.wrap(from, record);
      return switch (result.getStatus()) {
        case OK -> result;
        case CLOSED -> ended(result);
        case BUFFER_OVERFLOW, BUFFER_UNDERFLOW ->
            throw new SSLException("a record larger than " + record.capacity() + " bytes");
      };
    } finally {
      record.flip();
    }
  }

  /** The last record is the farewell; after that there is none. */
  private static SSLEngineResult ended(SSLEngineResult result) throws ClosedChannelException {
    if (result.bytesProduced() == 0) {
      throw new ClosedChannelException();
    }
    return result;
  }

  private boolean isDue() {
    return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
  }

  /** Sends what the connection itself has to say, if no writer is at it, who says it then. */
  void sayWhatIsDue() throws IOException {
    if (sending.tryLock()) {
      try {
        flush();
        while (isDue()) {
          seal(NOTHING);
          flush();
        }
      } finally {
        sending.unlock();
      }
    }
  }

  /** Ends this direction, and says so if that can be said in time. */
  void bidFarewell(Duration within) {
    try {
      engine.closeOutbound();
      over.timeout(within);
      sayWhatIsDue();
    } catch (IOException _) {
      // The other side sees a connection that was cut off, as it was.
    }
  }
}
