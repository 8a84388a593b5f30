package dev.cloister.tracing.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What listens outside a box. It reads when it is told to, or all the time. */
final class Peer implements AutoCloseable {
  private final ServerSocketChannel listener;
  private @Nullable SocketChannel channel;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private volatile boolean closed;

  private Peer(ServerSocketChannel listener) throws IOException {
    this.listener = listener;
    listener.configureBlocking(false);
  }

  static Peer at(SocketAddress address) throws IOException {
    var listener =
        address instanceof UnixDomainSocketAddress
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    return new Peer(listener.bind(address));
  }

  SocketAddress address() throws IOException {
    return listener.getLocalAddress();
  }

  /** Reads all the time, on a thread of its own. */
  Peer reading() {
    Thread.ofVirtual()
        .start(() -> {
          while (!closed) {
            try {
              read();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            LockSupport.parkNanos(1_000_000);
          }
        });
    return this;
  }

  /** Reads all that has come; on a unix socket that is all that was sent. */
  synchronized String read() throws IOException {
    if (closed) {
      return received.toString(UTF_8);
    }
    if (channel == null) {
      channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
      }
    }
    var buffer = ByteBuffer.allocate(1 << 16);
    while (channel != null && channel.read(buffer.clear()) > 0) {
      received.write(buffer.array(), 0, buffer.position());
    }
    return received.toString(UTF_8);
  }

  List<String> heartbeats() throws IOException {
    return read().lines().filter(Peer::isHeartbeat).toList();
  }

  String lines() throws IOException {
    var lines = new StringBuilder();
    read()
        .lines()
        .filter(line -> !isHeartbeat(line))
        .forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }

  private static boolean isHeartbeat(String line) {
    return line.startsWith("{\"payload\":");
  }

  /** Says something that nobody asked for. */
  synchronized void say(String words) throws IOException {
    read();
    if (channel != null) {
      channel.write(ByteBuffer.wrap(words.getBytes(UTF_8)));
    }
  }

  /** Breaks the connection, and forgets what came of it. */
  synchronized void hangUp() throws IOException {
    read();
    if (channel != null) {
      channel.close();
    }
    channel = null;
    received.reset();
  }

  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    var address = listener.getLocalAddress();
    listener.close();
    if (channel != null) {
      channel.close();
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
    }
  }
}
