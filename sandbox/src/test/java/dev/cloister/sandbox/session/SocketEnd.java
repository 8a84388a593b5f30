package dev.cloister.sandbox.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** A real socket of the loopback, bare. */
final class SocketEnd implements CellChannel {
  private final SocketChannel socket;
  private final Selector readable = Selector.open();
  private final Selector writable = Selector.open();
  private volatile Duration timeout = Duration.ofDays(1);

  SocketEnd(SocketChannel socket) throws IOException {
    this.socket = socket;
    socket.configureBlocking(false);
    socket.register(readable, SelectionKey.OP_READ);
    socket.register(writable, SelectionKey.OP_WRITE);
  }

  static ServerSocketChannel listening() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
  }

  static SocketEnd to(ServerSocketChannel listening) throws IOException {
    return new SocketEnd(SocketChannel.open(listening.getLocalAddress()));
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    while (true) {
      var count = socket.read(into);
      if (count != 0 || !into.hasRemaining()) {
        return count;
      }
      await(readable);
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    var sum = from.remaining();
    while (true) {
      socket.write(from);
      if (!from.hasRemaining()) {
        return sum;
      }
      await(writable);
    }
  }

  private void await(Selector selector) throws IOException {
    try {
      var ready = selector.select(timeout.toMillis());
      selector.selectedKeys().clear();
      if (Thread.currentThread().isInterrupted()) {
        close();
        throw new ClosedByInterruptException();
      }
      if (!socket.isOpen()) {
        throw new AsynchronousCloseException();
      }
      if (ready == 0) {
        throw new SocketTimeoutException("nothing happened in " + timeout);
      }
    } catch (ClosedSelectorException _) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void timeout(Duration most) {
    if (!most.isPositive()) {
      throw new IllegalArgumentException("timeout " + most + ": must be above zero");
    }
    timeout = most.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : most;
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    readable.close();
    writable.close();
  }
}
