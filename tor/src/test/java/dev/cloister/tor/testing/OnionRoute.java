package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.tor.Fingerprint;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A server of this machine, and a connection to it through a client of a network. */
record OnionRoute(ServerSocket server, Socket near, Socket far, TorNode client)
    implements Closeable {
  private static final int TRIES = 4;

  /** Connects; where a circuit could not be built, tor refuses, and its users try again. */
  static OnionRoute open(TorNode client, String address) throws IOException {
    var refusals = new ArrayList<IOException>();
    while (refusals.size() < TRIES) {
      try {
        return tryOpen(client, address);
      } catch (SocketException e) {
        refusals.add(e);
      }
    }
    var failure = new IOException("no circuit in %d tries".formatted(TRIES));
    refusals.forEach(failure::addSuppressed);
    throw failure;
  }

  /** The JDK's SOCKS client leaves an unresolved address to the exit. */
  @SuppressWarnings("MustBeClosedChecker")
  private static OnionRoute tryOpen(TorNode client, String address) throws IOException {
    var server = new ServerSocket(0, 1, InetAddress.ofLiteral(address));
    var near = new Socket(new Proxy(Proxy.Type.SOCKS, client.socksAddress()));
    try {
      near.connect(InetSocketAddress.createUnresolved(address, server.getLocalPort()));
      return new OnionRoute(server, near, server.accept(), client);
    } catch (IOException e) {
      near.close();
      server.close();
      throw e;
    }
  }

  /** Asks for a page as HTTP does, and returns what came back. */
  String get(String page) throws IOException {
    near.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
    far.getInputStream().readNBytes("GET / HTTP/1.0\r\n\r\n".length());
    far.getOutputStream().write(("HTTP/1.0 200 OK\r\n\r\n" + page).getBytes(US_ASCII));
    far.shutdownOutput();
    return new String(near.getInputStream().readAllBytes(), US_ASCII);
  }

  /** Asks the client which relays carry the connection. */
  List<Fingerprint> hops() throws IOException {
    try (var control = client.control()) {
      var stream =
          control
              .getInfo("stream-status")
              .lines()
              .map(line -> line.split(" ", -1))
              .filter(words -> words[3].endsWith(":" + server.getLocalPort()))
              .findFirst()
              .orElseThrow();
      return control
          .getInfo("circuit-status")
          .lines()
          .map(line -> line.split(" ", -1))
          .filter(words -> words[0].equals(stream[2]))
          .flatMap(words -> Arrays.stream(words[2].split(",", -1)))
          .map(Fingerprint::new)
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    try (server;
        near;
        far) {
      // In reverse order, all of it even if a part fails.
    }
  }
}
