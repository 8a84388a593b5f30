package dev.cloister.tor.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where a node is to be: decided before it starts.
 *
 * @param role what it is there for
 * @param nickname its role and a number
 * @param directory all its files
 * @param address where other nodes reach it
 * @param orPort for relays; 0 for clients
 * @param dirPort for authorities; 0 for others
 * @param controlPort on 127.0.0.1
 * @param socksPort for clients, on 127.0.0.1; 0 for others
 */
record NodePlan(
    TorRole role,
    String nickname,
    Path directory,
    InetAddress address,
    int orPort,
    int dirPort,
    int controlPort,
    int socksPort) {
  static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  /** Relays have 127.0.0.10 and so on: whoever looks at connections sees whose they are. */
  private static final int FIRST_HOST = 10;

  /**
   * Plans a node.
   *
   * @param number among those of its role
   * @param overall among all
   */
  static NodePlan of(TorRole role, int number, int overall, Path network, HeldPorts ports)
      throws IOException {
    var nickname = role.label() + number;
    var address =
        role.relays() ? InetAddress.ofLiteral("127.0.0." + (FIRST_HOST + overall)) : LOOPBACK;
    return new NodePlan(
        role,
        nickname,
        network.resolve(nickname),
        address,
        role.relays() ? ports.take(address) : 0,
        role == TorRole.AUTHORITY ? ports.take(address) : 0,
        ports.take(LOOPBACK),
        role == TorRole.CLIENT ? ports.take(LOOPBACK) : 0);
  }

  InetSocketAddress control() {
    return new InetSocketAddress(LOOPBACK, controlPort);
  }

  Path torrc() {
    return directory.resolve("torrc");
  }

  Path cookie() {
    return directory.resolve("control_auth_cookie");
  }

  Path log() {
    return directory.resolve("log");
  }

  /** Lets the ports go, so that tor can take them. */
  void release(HeldPorts ports) throws IOException {
    for (var port : new int[] {orPort, dirPort, controlPort, socksPort}) {
      ports.release(port);
    }
  }
}
