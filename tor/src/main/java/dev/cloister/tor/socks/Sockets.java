package dev.cloister.tor.socks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Which sockets there are: TCP by address, and unix; and how long a time is to them. */
final class Sockets {
  /** Longer than any process lives, and short enough to be added to any clock. */
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private Sockets() {}

  /** Refuses what would have to be resolved, and any other family. */
  static <A extends SocketAddress> A checked(A address) {
    var known =
        switch (address) {
          case InetSocketAddress inet -> !inet.isUnresolved();
          case UnixDomainSocketAddress _ -> true;
          default -> false;
        };
    if (!known) {
      throw new IllegalArgumentException(
          "socket %s: allowed are a numeric IP address with a port, and a unix socket's path"
              .formatted(address));
    }
    return address;
  }

  static SocketChannel channel(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }

  static long nanos(Duration duration) {
    return (duration.compareTo(FOREVER) < 0 ? duration : FOREVER).toNanos();
  }
}
