package dev.cloister.tor.onionproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A name server on loopback that finds 127.0.0.1 for every name. Source: RFC 1035. */
final class NameServer implements AutoCloseable {
  private static final int HEAD_BYTES = 12;

  private final DatagramSocket socket;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  private NameServer(DatagramSocket socket) {
    this.socket = socket;
  }

  static NameServer open() {
    try {
      var server = new NameServer(new DatagramSocket(0, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().start(server::serve);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve() {
    var packet = new DatagramPacket(new byte[512], 512);
    while (!socket.isClosed()) {
      try {
        socket.receive(packet);
        var answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException _) {
        // Closed.
      }
    }
  }

  /** Answers a question of type A with one record, and any other with none. */
  private byte[] answer(byte[] question) {
    var at = HEAD_BYTES;
    var name = new StringBuilder();
    while (question[at] != 0) {
      name.append(new String(question, at + 1, question[at], US_ASCII)).append('.');
      at += question[at] + 1;
    }
    asked.add(name.toString().toLowerCase(Locale.ROOT));
    var isAddress = question[at + 2] == 1;
    var out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(question, 2));
    out.writeBytes(
        new byte[] {(byte) 0x85, (byte) 0x80, 0, 1, 0, (byte) (isAddress ? 1 : 0), 0, 0, 0, 0});
    out.writeBytes(Arrays.copyOfRange(question, HEAD_BYTES, at + 5));
    if (isAddress) {
      out.writeBytes(
          new byte[] {(byte) 0xc0, HEAD_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1});
    }
    return out.toByteArray();
  }

  int port() {
    return socket.getLocalPort();
  }

  Set<String> asked() {
    return asked;
  }

  @Override
  public void close() {
    socket.close();
  }
}
