package dev.cloister.tor.testing;

import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/** One end of a stream in memory. As tor has it, when one end says no more, both have ended. */
final class FakeStream implements TorStream {
  private final FakeWorld world;
  private final FakePipe in;
  private final FakePipe out;
  private final String name;
  private final Runnable ended;

  /** Guarded by the world's lock, as are the next. */
  private boolean isClosed;

  private boolean isShut;
  private Duration timeout;

  /**
   * Makes an end.
   *
   * @param name what the leak check says of it
   * @param ended called when the stream ends from here, with the lock held
   */
  FakeStream(
      FakeWorld world, FakePipe in, FakePipe out, Duration timeout, String name, Runnable ended) {
    this.world = world;
    this.in = in;
    this.out = out;
    this.timeout = timeout;
    this.name = name;
    this.ended = ended;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    world.lock();
    try {
      var start = world.clock().nanoTime();
      requireOpen();
      while (true) {
        var count = in.read(into);
        if (count != 0) {
          world.change();
          return count;
        }
        await(start, "read");
      }
    } finally {
      world.unlock();
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    var length = from.remaining();
    world.lock();
    try {
      var start = world.clock().nanoTime();
      requireOpen();
      while (from.hasRemaining()) {
        requireWritable();
        if (out.write(from) > 0) {
          world.change();
          start = world.clock().nanoTime();
        } else {
          await(start, "written");
        }
      }
      return length;
    } finally {
      world.unlock();
    }
  }

  private void requireOpen() throws ClosedChannelException {
    if (isClosed) {
      throw new ClosedChannelException();
    }
  }

  private void requireWritable() throws IOException {
    if (isShut) {
      throw new ClosedChannelException();
    }
    if (out.hasEnded()) {
      throw new IOException("the other side has ended the stream");
    }
  }

  private void await(long start, String what) throws IOException {
    if (world.clock().nanoTime() - start >= timeout.toNanos()) {
      throw new SocketTimeoutException("nothing could be " + what + " within " + timeout);
    }
    try {
      world.await();
    } catch (InterruptedException _) {
      close();
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    if (isClosed) {
      throw new AsynchronousCloseException();
    }
  }

  @Override
  public void timeout(Duration most) {
    if (!most.isPositive()) {
      throw new IllegalArgumentException("timeout " + most + ": must be more than zero");
    }
    world.lock();
    try {
      timeout = most;
    } finally {
      world.unlock();
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    world.lock();
    try {
      requireOpen();
      isShut = true;
      end();
    } finally {
      world.unlock();
    }
  }

  /** Ends both directions; what was written before can still be read. */
  void end() {
    if (!out.hasEnded()) {
      in.end();
      out.end();
      ended.run();
      world.change();
    }
  }

  @Override
  public boolean isOpen() {
    world.lock();
    try {
      return !isClosed;
    } finally {
      world.unlock();
    }
  }

  @Override
  public void close() {
    world.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        world.ends().remove(this);
        end();
        world.change();
      }
    } finally {
      world.unlock();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
