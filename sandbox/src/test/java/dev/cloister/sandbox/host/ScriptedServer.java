package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A server on loopback that answers connection after connection with what it was told. */
final class ScriptedServer {
  private sealed interface Act {}

  private record Answer(String bytes) implements Act {}

  private record Drip(String before) implements Act {}

  private record Stall() implements Act {}

  private final ConcurrentLinkedQueue<Act> acts = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Socket> accepted = new ConcurrentLinkedQueue<>();
  private final ServerSocket listening;
  private Optional<Thread> accepting = Optional.empty();
  private volatile String heard = "";

  /** Takes a socket that is not bound yet. */
  ScriptedServer(ServerSocket listening) {
    this.listening = listening;
  }

  static ScriptedServer plain() {
    try {
      return new ScriptedServer(new ServerSocket());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void open() throws IOException {
    listening.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    accepting = Optional.of(Thread.ofVirtual().start(this::accept));
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Answers the next connection, and closes it. */
  void answer(String bytes) {
    acts.add(new Answer(bytes));
  }

  /** Sends some bytes, then one at a time for ever. */
  void dripAfter(String bytes) {
    acts.add(new Drip(bytes));
  }

  /** Reads nothing and says nothing. */
  void stall() {
    acts.add(new Stall());
  }

  /** The last request, whole when its connection was answered. */
  String heard() {
    return heard;
  }

  int connections() {
    return accepted.size();
  }

  private void accept() {
    try {
      while (true) {
        var socket = listening.accept();
        accepted.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed: the test has ended.
    }
  }

  private void serve(Socket socket) {
    try {
      switch (acts.isEmpty() ? new Answer("") : acts.remove()) {
        case Answer answer -> {
          heard = request(socket);
          socket.getOutputStream().write(answer.bytes().getBytes(ISO_8859_1));
          socket.close();
        }
        case Drip drip -> {
          request(socket);
          socket.getOutputStream().write(drip.before().getBytes(ISO_8859_1));
          while (true) {
            socket.getOutputStream().write('x');
            Thread.sleep(5);
          }
        }
        case Stall _ -> {}
      }
    } catch (IOException | InterruptedException _) {
      // The client has gone.
    }
  }

  private static String request(Socket socket) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var in = socket.getInputStream();
    while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      var next = in.read();
      if (next < 0) {
        return bytes.toString(ISO_8859_1);
      }
      bytes.write(next);
    }
    var length =
        bytes
            .toString(ISO_8859_1)
            .lines()
            .filter(line -> line.startsWith("Content-Length: "))
            .mapToInt(line -> Integer.parseInt(line.substring(16)))
            .sum();
    bytes.write(in.readNBytes(length));
    return bytes.toString(ISO_8859_1);
  }

  /**
   * Nothing is accepted any more: a thread that still waits for a connection keeps the port open.
   */
  void close() throws IOException, InterruptedException {
    listening.close();
    if (accepting.isPresent()) {
      accepting.get().join();
    }
    for (var socket : accepted) {
      socket.close();
    }
  }
}
