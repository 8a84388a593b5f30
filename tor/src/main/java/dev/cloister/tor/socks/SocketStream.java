package dev.cloister.tor.socks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A connection of this host, TCP or unix, whose waits are bounded and end at its close. The JDK has
 * a timeout for reads of TCP alone, and none for writes; so each direction waits in a selector of
 * its own, made when it first must wait.
 */
final class SocketStream implements TorStream {
  private static final long NANOS_A_MILLI = 1_000_000;

  private final SocketChannel channel;
  private final TimeSource clock;
  private final Wait reading = new Wait();
  private final Wait writing = new Wait();
  private volatile long timeoutNanos;

  /** One direction's selector. */
  private static final class Wait {
    @Nullable Selector selector;
  }

  private SocketStream(SocketChannel channel, Duration timeout, TimeSource clock)
      throws IOException {
    this.channel = channel;
    this.clock = clock;
    timeout(timeout);
    channel.configureBlocking(false);
    // What is written is whole: waiting for more costs 40 ms where the other side acknowledges
    // late.
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /** Takes over a connected channel, and closes it when that fails. */
  static SocketStream over(SocketChannel connected, Duration timeout, TimeSource clock)
      throws IOException {
    try {
      return new SocketStream(connected, timeout, clock);
    } catch (IOException | RuntimeException e) {
      connected.close();
      throw e;
    }
  }

  /** Connects within the time. */
  static SocketStream connect(SocketAddress address, Duration timeout, TimeSource clock)
      throws IOException {
    var deadline = Deadline.in(timeout, clock);
    while (true) {
      var stream = over(Sockets.channel(address), timeout, clock);
      try {
        stream.connect(address);
        return stream;
      } catch (IOException | RuntimeException e) {
        stream.close();
        if (!isCrowded(address, e) || deadline.hasPassed()) {
          throw e;
        }
      }
      LockSupport.parkNanos(NANOS_A_MILLI);
      if (Thread.currentThread().isInterrupted()) {
        throw new ClosedByInterruptException();
      }
    }
  }

  /**
   * Tells whether too many wait at a unix socket to be accepted: the kernel has only those wait who
   * block (connect(2), EAGAIN), and the JDK gives the channel up.
   */
  private static boolean isCrowded(SocketAddress address, Exception failure) {
    return address instanceof UnixDomainSocketAddress
        && failure instanceof SocketException
        && "Resource temporarily unavailable".equals(failure.getMessage());
  }

  private void connect(SocketAddress address) throws IOException {
    if (!channel.connect(address)) {
      var deadline = deadline();
      while (!channel.finishConnect()) {
        await(writing, SelectionKey.OP_CONNECT, deadline, "connected");
      }
    }
  }

  @Override
  public void timeout(Duration most) {
    if (!most.isPositive()) {
      throw new IllegalArgumentException("timeout " + most + ": must be more than zero");
    }
    timeoutNanos = Sockets.nanos(most);
  }

  private long deadline() {
    return clock.nanoTime() + timeoutNanos;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    var deadline = deadline();
    while (true) {
      var count = channel.read(into);
      if (count != 0) {
        return count;
      }
      await(reading, SelectionKey.OP_READ, deadline, "read");
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    var length = from.remaining();
    var deadline = deadline();
    while (from.hasRemaining()) {
      if (channel.write(from) > 0) {
        deadline = deadline();
      } else {
        await(writing, SelectionKey.OP_WRITE, deadline, "written");
      }
    }
    return length;
  }

  private void await(Wait wait, int operation, long deadline, String what) throws IOException {
    var left = deadline - clock.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("nothing could be " + what + " in the time allowed");
    }
    try {
      var selector = selector(wait, operation);
      selector.select(Math.max(1, left / NANOS_A_MILLI));
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException _) {
      throw new AsynchronousCloseException();
    }
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new ClosedByInterruptException();
    }
    if (!channel.isOpen()) {
      throw new AsynchronousCloseException();
    }
  }

  /** None is made after the close, which would leave it open. */
  private synchronized Selector selector(Wait wait, int operation) throws IOException {
    if (!channel.isOpen()) {
      throw new AsynchronousCloseException();
    }
    if (wait.selector == null) {
      wait.selector = Selector.open();
    }
    channel.register(wait.selector, operation);
    return wait.selector;
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
    for (var wait : new Wait[] {reading, writing}) {
      if (wait.selector != null) {
        wait.selector.close();
      }
    }
  }
}
