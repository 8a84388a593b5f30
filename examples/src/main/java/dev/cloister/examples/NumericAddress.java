package dev.cloister.examples;

import java.net.Inet6Address;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads addresses as numbers; no name is ever looked up. */
final class NumericAddress {
  private static final Pattern IPV4 =
      Pattern.compile("OCTET\\.OCTET\\.OCTET\\.OCTET".replace("OCTET", "(0|[1-9]\\d{0,2})"));
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private NumericAddress() {}

  /** Returns 4 or 16 bytes; an IPv4 address that is written as IPv6 stays 16. */
  static Optional<byte[]> parse(String text) {
    var ipv4 = IPV4.matcher(text);
    if (ipv4.matches()) {
      var bytes = new byte[4];
      for (var i = 0; i < 4; i++) {
        var octet = Integer.parseInt(ipv4.group(i + 1));
        if (octet > 255) {
          return Optional.empty();
        }
        bytes[i] = (byte) octet;
      }
      return Optional.of(bytes);
    }
    return IPV6.matcher(text).matches() ? ipv6(text) : Optional.empty();
  }

  private static Optional<byte[]> ipv6(String text) {
    try {
      var bytes = Inet6Address.ofLiteral(text).getAddress();
      return Optional.of(bytes.length == 16 ? bytes : mapped(bytes));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** The JDK takes what is written as ::ffff:192.0.2.1 for IPv4. */
  private static byte[] mapped(byte[] ipv4) {
    var bytes = new byte[16];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(ipv4, 0, bytes, 12, 4);
    return bytes;
  }
}
