package dev.cloister.sandbox.testing;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;

/** Channels in memory, with no network and no security, for users' tests. */
public final class CellChannels {
  /** How many bytes wait in each way; who writes more waits until they are read. */
  public static final int BUFFER_BYTES = 1 << 16;

  private CellChannels() {}

  /**
   * Two ends: what is written to one is read from the other.
   *
   * @param client one end
   * @param server the other
   */
  public record Pair(CellChannel client, CellChannel server) {}

  /**
   * Makes a pair, whose waits have no bound until one is set.
   *
   * @return two open channels, which the caller closes
   */
  public static Pair pair() {
    var there = new Pipe();
    var back = new Pipe();
    return new Pair(new End(back, there), new End(there, back));
  }

  /** One way: bytes on their way, and who is still there. Safe for use by many threads. */
  private static final class Pipe {
    private final ArrayDeque<ByteBuffer> bytes = new ArrayDeque<>();
    private int held;
    private boolean writerLeft;
    private boolean readerLeft;

    synchronized int read(ByteBuffer into, Wait wait) throws IOException {
      while (!readerLeft && held == 0 && !writerLeft) {
        wait.on(this);
      }
      if (readerLeft) {
        throw new AsynchronousCloseException();
      }
      return held == 0 ? -1 : taken(into);
    }

    private int taken(ByteBuffer into) {
      var count = Math.min(into.remaining(), held);
      for (var left = count; left > 0; ) {
        var first = bytes.getFirst();
        var step = Math.min(left, first.remaining());
        into.put(first.slice(first.position(), step));
        first.position(first.position() + step);
        left -= step;
        if (!first.hasRemaining()) {
          bytes.removeFirst();
        }
      }
      held -= count;
      notifyAll();
      return count;
    }

    /** Adds as much as there is room for, and waits for room for a byte. */
    synchronized int write(ByteBuffer from, Wait wait) throws IOException {
      while (!writerLeft && !readerLeft && held == BUFFER_BYTES) {
        wait.on(this);
      }
      if (writerLeft) {
        throw new AsynchronousCloseException();
      }
      if (readerLeft) {
        throw new IOException("the other end was closed");
      }
      var count = Math.min(from.remaining(), BUFFER_BYTES - held);
      var copy = new byte[count];
      from.get(copy);
      bytes.addLast(ByteBuffer.wrap(copy));
      held += count;
      notifyAll();
      return count;
    }

    synchronized void writerLeaves() {
      writerLeft = true;
      notifyAll();
    }

    synchronized void readerLeaves() {
      readerLeft = true;
      bytes.clear();
      held = 0;
      notifyAll();
    }
  }

  /** What is left of one wait. */
  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private static final class Wait {
    private final long until;
    private final CellChannel waiting;

    Wait(Duration most, CellChannel waiting) {
      this.until = System.nanoTime() + most.toNanos();
      this.waiting = waiting;
    }

    void on(Object monitor) throws IOException {
      var left = until - System.nanoTime();
      if (left <= 0) {
        throw new SocketTimeoutException("nothing happened in time");
      }
      try {
        synchronized (monitor) {
          monitor.wait(left / 1_000_000 + 1);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        waiting.close();
        throw new ClosedByInterruptException();
      }
    }
  }

  /** One end of both ways. */
  private static final class End implements CellChannel {
    /** About 73 years: far enough for a wait, near enough not to overflow. */
    private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE / 4);

    private final Pipe in;
    private final Pipe out;
    private volatile Duration timeout = NEVER;
    private volatile boolean closed;

    End(Pipe in, Pipe out) {
      this.in = in;
      this.out = out;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      checkOpen();
      return into.hasRemaining() ? in.read(into, new Wait(timeout, this)) : 0;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      checkOpen();
      var sum = from.remaining();
      while (from.hasRemaining()) {
        out.write(from, new Wait(timeout, this));
      }
      return sum;
    }

    private void checkOpen() throws ClosedChannelException {
      if (closed) {
        throw new ClosedChannelException();
      }
    }

    @Override
    public void timeout(Duration most) {
      if (!most.isPositive()) {
        throw new IllegalArgumentException("timeout " + most + ": must be above zero");
      }
      timeout = most.compareTo(NEVER) < 0 ? most : NEVER;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
      in.readerLeaves();
      out.writerLeaves();
    }
  }
}
