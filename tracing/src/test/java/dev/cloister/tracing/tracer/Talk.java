package dev.cloister.tracing.tracer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.util.ArrayList;
import java.util.List;

/** One connection to a server, whose packets go into a list that it may share with others. */
final class Talk {
  private static final byte[] NOTHING = {};

  private final List<byte[]> frames;
  private final Endpoint client;
  private final Endpoint server;
  private int clientSequence;
  private int serverSequence;

  private Talk(List<byte[]> frames, int port, int start) {
    this.frames = frames;
    this.client = Endpoint.of("10.0.0.1", port);
    this.server = Endpoint.of("192.0.2.80", 80);
    this.clientSequence = start;
    this.serverSequence = 2 * start;
  }

  /** Begins a connection from a port, with its handshake. */
  static Talk from(int port, List<byte[]> frames) {
    return from(port, 1000 * port, frames);
  }

  /** Begins a connection from a port, at a sequence number. */
  static Talk from(int port, int start, List<byte[]> frames) {
    var talk = new Talk(frames, port, start);
    talk.client(Packets.SYN, NOTHING);
    talk.clientSequence++;
    talk.server(Packets.SYN | Packets.ACK, NOTHING);
    talk.serverSequence++;
    talk.client(Packets.ACK, NOTHING);
    return talk;
  }

  void say(String text) {
    var data = text.getBytes(US_ASCII);
    client(Packets.ACK | Packets.PSH, data);
    clientSequence += data.length;
  }

  void answer(String text) {
    var data = text.getBytes(US_ASCII);
    server(Packets.ACK | Packets.PSH, data);
    serverSequence += data.length;
  }

  /** The client says something that is not captured. */
  void lose(int bytes) {
    clientSequence += bytes;
  }

  void close() {
    client(Packets.FIN | Packets.ACK, NOTHING);
    clientSequence++;
    server(Packets.FIN | Packets.ACK, NOTHING);
    serverSequence++;
  }

  private void client(int flags, byte[] data) {
    frames.add(Packets.tcp(client, server, clientSequence, serverSequence, flags, data));
  }

  private void server(int flags, byte[] data) {
    frames.add(Packets.tcp(server, client, serverSequence, clientSequence, flags, data));
  }

  /**
   * Connections 0 to n-1, all at once: each has three requests and answers, and a gap; those of an
   * even number are closed.
   */
  static List<byte[]> many(int connections) {
    var frames = new ArrayList<byte[]>();
    var talks = new ArrayList<Talk>();
    for (var i = 0; i < connections; i++) {
      talks.add(from(2000 + i, frames));
    }
    for (var round = 0; round < 3; round++) {
      for (var talk : talks) {
        talk.say("GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n".formatted(round));
        talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        if (round == 1) {
          talk.lose(100);
        }
      }
    }
    for (var i = 0; i < connections; i += 2) {
      talks.get(i).close();
    }
    return frames;
  }
}
