package dev.cloister.tor.socks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of this host that runs one handler for each connection, which it closes after that. */
final class LocalServer implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Speaks on a blocking channel. */
  interface Handler {
    void handle(SocketChannel client) throws IOException;
  }

  private LocalServer(SocketAddress at, Handler handler) throws IOException {
    listener =
        at instanceof InetSocketAddress
            ? ServerSocketChannel.open()
            : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(at, 512);
    executor.execute(() -> accept(handler));
  }

  static LocalServer at(SocketAddress at, Handler handler) {
    try {
      return new LocalServer(at, handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LocalServer tcp(Handler handler) {
    return at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), handler);
  }

  /** Returns a path that nothing is bound to. */
  static UnixDomainSocketAddress unixAddress() throws IOException {
    return UnixDomainSocketAddress.of(Files.createTempDirectory("socks").resolve("s"));
  }

  private void accept(Handler handler) {
    while (true) {
      try {
        var client = listener.accept();
        executor.execute(() -> handle(handler, client));
      } catch (IOException _) {
        return;
      }
    }
  }

  private static void handle(Handler handler, SocketChannel client) {
    try (client) {
      handler.handle(client);
    } catch (IOException _) {
      // the test sees it from its own side
    }
  }

  SocketAddress address() {
    try {
      return listener.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return ((InetSocketAddress) address()).getPort();
  }

  @Override
  public void close() throws IOException {
    var address = address();
    listener.close();
    executor.shutdownNow();
    executor.close();
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.delete(unix.getPath());
      Files.delete(unix.getPath().getParent());
    }
  }
}
