package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A web site on this host's loopback, made on the spot: a page, and what it shows. */
final class Site implements Closeable {
  private final String name;
  private final Consumer<InetSocketAddress> visitors;
  private final Map<String, String> answers = new HashMap<>();
  private final ServerSocket server;
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  private Site(String name, int objects, Consumer<InetSocketAddress> visitors) throws IOException {
    this.name = name;
    this.visitors = visitors;
    var page = new StringBuilder("<!DOCTYPE html><title>" + name + "</title>");
    for (var i = 1; i < objects; i++) {
      page.append("<link rel=stylesheet href=%d.css>".formatted(i));
      answers.put(path(i + ".css"), answer("text/css", "p.%s { margin: %dpx }".formatted(name, i)));
    }
    answers.put(path(""), answer("text/html", page + "<p>here is " + name));
    this.server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    tasks.execute(this::accept);
  }

  /**
   * Publishes a page.
   *
   * @param name stands in its URL, in its text and in all that it shows
   * @param objects how many it is of, itself among them
   * @param visitors is told where each comes from, while the connection stands
   */
  static Site publish(String name, int objects, Consumer<InetSocketAddress> visitors)
      throws IOException {
    return new Site(name, objects, visitors);
  }

  /** Where it is, as a policy names it. */
  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Where its page is. */
  String url() {
    return "http://" + address() + path("");
  }

  private String path(String file) {
    return "/" + name + "/" + file;
  }

  private static String answer(String type, String body) {
    return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(type, body.length(), body);
  }

  private void accept() {
    try {
      while (true) {
        var visitor = server.accept();
        tasks.execute(() -> serve(visitor));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket visitor) {
    try (visitor) {
      visitors.accept((InetSocketAddress) visitor.getRemoteSocketAddress());
      var in = new BufferedReader(new InputStreamReader(visitor.getInputStream(), ISO_8859_1));
      var asked = String.valueOf(in.readLine()).split(" ", 3);
      var header = in.readLine();
      while (header != null && !header.isEmpty()) {
        header = in.readLine();
      }
      var missing = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      var answer = asked.length == 3 ? answers.getOrDefault(asked[1], missing) : missing;
      visitor.getOutputStream().write(answer.getBytes(ISO_8859_1));
    } catch (IOException _) {
      // It has left.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    tasks.shutdownNow();
    tasks.close();
  }
}
