package dev.cloister.tracing.testing;

import java.net.InetAddress;

/**
 * One end of a conversation. Immutable.
 *
 * @param address an IPv4 or IPv6 address, as a number
 * @param port 0 to 65535
 */
public record Endpoint(InetAddress address, int port) {

  /** Checks the port. */
  public Endpoint {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port + ": allowed 0 to 65535");
    }
  }

  /**
   * Makes an end.
   *
   * @param literal an address as a number; no name is looked up
   * @param port 0 to 65535
   * @return the end
   */
  public static Endpoint of(String literal, int port) {
    return new Endpoint(InetAddress.ofLiteral(literal), port);
  }

  byte[] bytes() {
    return address.getAddress();
  }
}
