package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * A connection on which nothing takes longer than one deadline for all: connecting, each read, each
 * write. A plain socket cannot give up a write, and its timeout of a read starts anew with every
 * byte of a slow server. Not thread-safe; an interrupt closes it.
 */
final class DeadlineSocket extends Socket {
  private final SocketChannel channel = SocketChannel.open();
  private final Selector selector = Selector.open();
  private final TimeSource clock;
  private final long deadline;
  private final Traffic traffic;

  /**
   * Makes one that is not connected.
   *
   * @param deadline on the clock's {@code nanoTime}
   */
  DeadlineSocket(TimeSource clock, long deadline, Traffic traffic) throws IOException {
    this.clock = clock;
    this.deadline = deadline;
    this.traffic = traffic;
    channel.configureBlocking(false);
    channel.register(selector, 0);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  void connect(InetAddress address, int port) throws IOException {
    if (!channel.connect(new InetSocketAddress(address, port))) {
      do {
        await(SelectionKey.OP_CONNECT);
      } while (!channel.finishConnect());
    }
  }

  private void await(int operation) throws IOException {
    var left = deadline - clock.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("the fetch has taken the time it has");
    }
    Objects.requireNonNull(channel.keyFor(selector)).interestOps(operation);
    selector.select(Math.max(1, left / 1_000_000));
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new IOException("the cell is ending");
    }
  }

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int at, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        var buffer = ByteBuffer.wrap(into, at, length);
        while (true) {
          var count = channel.read(buffer);
          if (count != 0) {
            traffic.in(Math.max(0, count));
            return count;
          }
          await(SelectionKey.OP_READ);
        }
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int at, int length) throws IOException {
        traffic.out(length);
        var buffer = ByteBuffer.wrap(bytes, at, length);
        while (buffer.hasRemaining()) {
          if (channel.write(buffer) == 0) {
            await(SelectionKey.OP_WRITE);
          }
        }
      }
    };
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      selector.close();
    }
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public InetAddress getInetAddress() {
    return channel.socket().getInetAddress();
  }

  @Override
  public int getPort() {
    return channel.socket().getPort();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return channel.socket().getRemoteSocketAddress();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return channel.socket().getLocalSocketAddress();
  }

  @Override
  public int getSoTimeout() {
    return 0;
  }

  /** There is the deadline; a timeout of one read cannot make it later. */
  @Override
  public void setSoTimeout(int milliseconds) {}

  /** It is on: what is written is whole. */
  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setSoLinger(boolean on, int seconds) {}

  @Override
  public void shutdownInput() throws IOException {
    channel.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }
}
