package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;

/** A web site on every address of loopback, whose pages the test says. */
final class Site implements AutoCloseable {
  /** Writes a whole answer of HTTP. */
  @FunctionalInterface
  interface Answer {
    void to(OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket server = new ServerSocket(0, 200, InetAddress.ofLiteral("::"));
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();

  Site() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  String at(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** What was asked: request line and headers, in the order of arrival. */
  List<String> heads() {
    return List.copyOf(heads);
  }

  List<String> paths() {
    return heads.stream().map(head -> head.split(" ", 3)[1]).toList();
  }

  Site on(String path, Answer answer) {
    answers.put(path, answer);
    return this;
  }

  Site page(String path, String type, byte[] body) {
    return on(path, answering("200 OK", "Content-Type: " + type, body));
  }

  Site page(String path, String type, String body) {
    return page(path, type, body.getBytes(UTF_8));
  }

  Site html(String path, String body) {
    return page(path, "text/html", "<!DOCTYPE html><html><body>" + body + "</body></html>");
  }

  Site redirect(String path, String to) {
    return on(path, answering("302 Found", "Location: " + to, new byte[0]));
  }

  static Answer answering(String status, String header, byte[] body) {
    var head =
        "HTTP/1.1 %s\r\n%s\r\nSet-Cookie: id=1\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, header, body.length);
    return out -> {
      out.write(head.getBytes(ISO_8859_1));
      out.write(body);
    };
  }

  static byte[] gzip(byte[] plain) throws IOException {
    var coded = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(coded)) {
      gzip.write(plain);
    }
    return coded.toByteArray();
  }

  private void accept() {
    try {
      while (true) {
        var client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException _) {
      // Closed: the test has ended.
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
      var head = new StringBuilder();
      for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        head.append(line).append('\n');
      }
      heads.add(head.toString());
      var path = head.toString().split(" ", 3)[1];
      answers
          .getOrDefault(path, answering("404 Not Found", "X: y", "gone".getBytes(UTF_8)))
          .to(client.getOutputStream());
    } catch (IOException | InterruptedException _) {
      // The client has gone.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
