package dev.cloister.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Pages that do not compress, served on loopback over connections that are kept. */
final class PageSite implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  static final int OBJECT_KIB = 16;

  private static final int OBJECT_BYTES = OBJECT_KIB << 10;

  private final HttpServer server;
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final Random random = new Random(30);

  PageSite() throws IOException {
    // Without it each answer waits 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0), 0);
    server.setExecutor(tasks);
    server.start();
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  String authority() {
    return HOST + ":" + address().getPort();
  }

  /** Adds a page of so many objects of 16 KiB, itself among them; returns its path. */
  String page(int objects) {
    var path = "/" + objects;
    var body = new StringBuilder("<!doctype html><title>a page</title>");
    for (var i = 1; i < objects; i++) {
      serve(path + "/" + i, "image/png", noise(OBJECT_BYTES));
      body.append("<img src=%s/%d>".formatted(path, i));
    }
    var text = new StringBuilder(body);
    while (text.length() < OBJECT_BYTES) {
      text.append("<p>").append(Long.toString(random.nextLong(), Character.MAX_RADIX));
    }
    serve(path, "text/html", text.toString().getBytes(UTF_8));
    return path;
  }

  private byte[] noise(int bytes) {
    var noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  private void serve(String path, String type, byte[] content) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
          }
        });
  }

  @Override
  public void close() {
    server.stop(0);
    tasks.close();
  }
}
