package dev.cloister.tor.testing;

import dev.cloister.core.internal.Failures;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody else listens on, held until their node takes them. All lie below those that the
 * kernel gives to outgoing connections, or one of these could have a port at the wrong moment. A
 * moment lies between letting a port go and tor taking it, in which another process could. Used by
 * one thread.
 */
final class HeldPorts implements AutoCloseable {
  private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final int LOWEST = 10_000;
  private static final int TRIES_MOST = 1000;

  private final int beyond;
  private final Map<Integer, ServerSocket> held = new HashMap<>();

  HeldPorts() throws IOException {
    this.beyond = firstEphemeral();
    if (beyond <= LOWEST + TRIES_MOST) {
      throw new IOException(
          "%s begins at %d: a private network takes its ports from %d to there; raise it"
              .formatted(EPHEMERAL, beyond, LOWEST));
    }
  }

  /** The kernel gives such a file whole at the first read, or cut. */
  static int firstEphemeral() throws IOException {
    try (var file = Files.newBufferedReader(EPHEMERAL)) {
      return Integer.parseInt(file.readLine().split("\\s+", 2)[0]);
    }
  }

  /** Takes any port of an address. */
  int take(InetAddress address) throws IOException {
    for (var tries = 0; tries < TRIES_MOST; tries++) {
      var port = ThreadLocalRandom.current().nextInt(LOWEST, beyond);
      if (!held.containsKey(port) && take(port, address)) {
        return port;
      }
    }
    throw new IOException(
        "no port of %s from %d to %d is free, in %d tries"
            .formatted(address.getHostAddress(), LOWEST, beyond - 1, TRIES_MOST));
  }

  @SuppressWarnings("MustBeClosedChecker")
  private boolean take(int port, InetAddress address) throws IOException {
    try {
      held.put(port, new ServerSocket(port, 1, address));
      return true;
    } catch (BindException _) {
      return false;
    }
  }

  /** Lets a port go, so that its node can take it. */
  void release(int port) throws IOException {
    var socket = held.remove(port);
    if (socket != null) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    held.values().forEach(socket -> failures.run(socket::close));
    held.clear();
    failures.throwFirst();
  }
}
