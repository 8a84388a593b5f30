package dev.cloister.sandbox.transport;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.session.CellChannel;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What one side of a connection hears, record by record. Used by one thread at a time. */
final class Incoming {
  /**
   * The most records without data after the handshake. Each makes new keys, or nothing; an honest
   * side sends one for each 128 GiB.
   */
  static final int EMPTY_RECORDS_MOST = 16;

  private final SSLEngine engine;
  private final CellChannel over;
  private final Outgoing outgoing;
  private final TimeSource clock;

  /** What came and was not opened, and what was opened and not read; both ready to be read. */
  private final ByteBuffer sealed;

  private final ByteBuffer plain;

  private int emptyRecords;
  private boolean hasEnded;
  private @Nullable SSLException broken;
  private volatile Duration timeout = Duration.ZERO;

  Incoming(SSLEngine engine, CellChannel over, Outgoing outgoing, TimeSource clock) {
    this.engine = engine;
    this.over = over;
    this.outgoing = outgoing;
    this.clock = clock;
    this.sealed = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
    this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
  }

  void timeout(Duration most) {
    timeout = most;
  }

  int read(ByteBuffer into) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    var deadline = clock.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
    while (!plain.hasRemaining() && !hasEnded) {
      if (open()) {
        refuseTooManyEmpty();
      } else {
        refuseLate(deadline);
        fill();
      }
    }
    if (!plain.hasRemaining()) {
      return -1;
    }
    var size = Math.min(plain.remaining(), into.remaining());
    into.put(plain.slice(plain.position(), size));
    plain.position(plain.position() + size);
    return size;
  }

  /** Bytes that come one by one would each start the wait anew. */
  private void refuseLate(long deadline) throws SocketTimeoutException {
    if (sealed.hasRemaining() && clock.nanoTime() - deadline >= 0) {
      throw new SocketTimeoutException(
          "%d bytes of a record within %s, and not its end".formatted(sealed.remaining(), timeout));
    }
  }

  /** Hears one more piece of a handshake. */
  void hear() throws IOException {
    if (!open()) {
      fill();
    }
    if (hasEnded) {
      throw new EOFException("the other side ended the connection within the handshake");
    }
  }

  /** Opens a record, if a whole one is there. */
  private boolean open() throws IOException {
    if (broken != null) {
      throw new SSLException(broken.getMessage(), broken);
    }
    plain.clear();
    try {
      var result = engine.unwrap(sealed, plain);
      SecuredChannel.runTasks(engine);
      hasEnded = result.getStatus() == Status.CLOSED;
      if (result.getStatus() == Status.BUFFER_OVERFLOW || isTooLong(result.getStatus())) {
        throw new SSLException("a record of more than " + sealed.capacity() + " bytes");
      }
      return result.getStatus() != Status.BUFFER_UNDERFLOW;
    } catch (SSLException e) {
      throw broken(e);
    } finally {
      plain.flip();
    }
  }

  /** Tells whether a record would need more room than any record needs. */
  private boolean isTooLong(Status status) {
    return status == Status.BUFFER_UNDERFLOW && sealed.remaining() == sealed.capacity();
  }

  private void refuseTooManyEmpty() throws IOException {
    if (plain.hasRemaining() || hasEnded) {
      return;
    }
    emptyRecords++;
    if (emptyRecords > EMPTY_RECORDS_MOST) {
      throw broken(new SSLException("more than " + EMPTY_RECORDS_MOST + " records without data"));
    }
    outgoing.sayWhatIsDue();
  }

  /** Keeps why nothing more is read, and tells the other side. */
  private SSLException broken(SSLException failure) {
    broken = failure;
    Failures.undo(failure, outgoing::sayWhatIsDue);
    return failure;
  }

  private void fill() throws IOException {
    sealed.compact();
    try {
      if (over.read(sealed) < 0) {
        throw new EOFException(
            "the connection was cut off: it ended, and the other side did not say so");
      }
    } finally {
      sealed.flip();
    }
  }
}
