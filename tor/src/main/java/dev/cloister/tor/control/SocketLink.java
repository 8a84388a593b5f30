package dev.cloister.tor.control;

import dev.cloister.core.internal.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A link by TCP or a unix socket. Each way has a selector of its own, so that a reader and a writer
 * wait apart, and closing one wakes who waits with it.
 */
final class SocketLink implements ControlLink {
  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;

  private SocketLink(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.readable = channel.provider().openSelector();
    this.writable = channel.provider().openSelector();
  }

  /**
   * Connects.
   *
   * @param address a numeric one of TCP, or a unix socket's
   */
  @SuppressWarnings("MustBeClosedChecker")
  static SocketLink connect(SocketAddress address, long nanos) throws IOException {
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IOException(
          "control port %s: must be a numeric address, since no name is looked up here"
              .formatted(inet));
    }
    var channel = open(address);
    try {
      channel.configureBlocking(false);
      return new SocketLink(channel).connected(address, nanos);
    } catch (IOException e) {
      channel.close();
      throw named(address, e);
    }
  }

  private static SocketChannel open(SocketAddress address) throws IOException {
    return address instanceof InetSocketAddress
        ? SocketChannel.open().setOption(StandardSocketOptions.TCP_NODELAY, true)
        : SocketChannel.open(StandardProtocolFamily.UNIX);
  }

  private static IOException named(SocketAddress address, IOException cause) {
    return new IOException(
        "control port %s: %s; is tor running with that ControlPort?"
            .formatted(address, cause.getMessage()),
        cause);
  }

  private SocketLink connected(SocketAddress address, long nanos) throws IOException {
    if (!channel.connect(address)) {
      var deadline = Deadline.in(Duration.ofNanos(nanos));
      do {
        awaitOrFail(SelectionKey.OP_CONNECT, deadline);
      } while (!channel.finishConnect());
    }
    return this;
  }

  private void await(Selector selector, int operation, Deadline deadline) throws IOException {
    channel.register(selector, operation);
    selector.select(deadline.millisLeft());
    selector.selectedKeys().clear();
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for tor");
    }
  }

  @Override
  public int read(ByteBuffer into, long nanos) throws IOException {
    var deadline = Deadline.in(Duration.ofNanos(nanos));
    var count = channel.read(into);
    while (count == 0 && !deadline.hasPassed()) {
      await(readable, SelectionKey.OP_READ, deadline);
      count = channel.read(into);
    }
    return count;
  }

  @Override
  public void write(ByteBuffer bytes, long nanos) throws IOException {
    var deadline = Deadline.in(Duration.ofNanos(nanos));
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        awaitOrFail(SelectionKey.OP_WRITE, deadline);
      }
    }
  }

  private void awaitOrFail(int operation, Deadline deadline) throws IOException {
    if (deadline.hasPassed()) {
      throw new SocketTimeoutException("tor took nothing in time");
    }
    await(writable, operation, deadline);
  }

  @Override
  public void close() throws IOException {
    try (channel;
        readable;
        writable) {
      // In reverse order, all of it even if a part fails.
    }
  }
}
