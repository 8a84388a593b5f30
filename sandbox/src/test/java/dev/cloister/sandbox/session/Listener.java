package dev.cloister.sandbox.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Serves a node on a real socket of the loopback: a thread for each connection. */
final class Listener implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ServerSocketChannel listening = SocketEnd.listening();
  private final CellServer server;

  Listener(CellServer server) throws IOException {
    this.server = server;
    threads.execute(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        var channel = new SocketEnd(listening.accept());
        threads.execute(() -> server.serve(channel));
      }
    } catch (ClosedChannelException _) {
      // The test is over.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  SocketAddress address() throws IOException {
    return listening.getLocalAddress();
  }

  SocketEnd dial() throws IOException {
    return SocketEnd.to(listening);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    server.close();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new AssertionError("a thread serves on after the server was closed");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
