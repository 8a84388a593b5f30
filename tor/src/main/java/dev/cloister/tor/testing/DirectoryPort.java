package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * What an authority gives to those who ask. It knows a consensus a moment before it can serve it,
 * and a relay that asks in between asks again only seconds later.
 *
 * <p>Source: Tor's dir-spec, "HTTP status codes" and "General-use HTTP URLs".
 */
final class DirectoryPort {
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);
  private static final String FOUND = "HTTP/1.0 200 ";

  private DirectoryPort() {}

  /** Tells whether it serves a document. */
  static boolean serves(InetAddress address, int port, String document) throws IOException {
    try (var socket = new Socket(address, port)) {
      socket.setSoTimeout((int) ANSWERS_WITHIN.toMillis());
      socket
          .getOutputStream()
          .write("GET %s HTTP/1.0\r\n\r\n".formatted(document).getBytes(US_ASCII));
      var begin = socket.getInputStream().readNBytes(FOUND.length());
      return new String(begin, US_ASCII).equals(FOUND);
    }
  }
}
