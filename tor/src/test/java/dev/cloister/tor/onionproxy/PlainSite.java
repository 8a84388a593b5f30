package dev.cloister.tor.onionproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server of one page, on loopback; it counts who connected. */
final class PlainSite implements AutoCloseable {
  static final String PAGE = "a page behind an exit";

  private final ServerSocket server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger served = new AtomicInteger();

  PlainSite() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    executor.execute(this::serve);
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        var client = server.accept();
        served.incrementAndGet();
        executor.execute(() -> answer(client));
      } catch (IOException _) {
        // Closed.
      }
    }
  }

  private static void answer(Socket client) {
    try (client) {
      var in = client.getInputStream();
      var line = new StringBuilder();
      while (!line.toString().endsWith("\r\n\r\n")) {
        line.append((char) in.read());
      }
      client.getOutputStream().write(("HTTP/1.0 200 OK\r\n\r\n" + PAGE).getBytes(US_ASCII));
    } catch (IOException _) {
      // The client went.
    }
  }

  int port() {
    return server.getLocalPort();
  }

  int served() {
    return served.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
    executor.shutdownNow();
  }
}
