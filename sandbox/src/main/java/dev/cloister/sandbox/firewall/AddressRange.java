package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.AddressPrefix;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * From where functions get their addresses: for each a network of four of either family, of which
 * the host has the second and the function the third.
 *
 * @param ipv4 private addresses that the host and its networks do not use, at most 30 bits
 * @param ipv6 unique local addresses (RFC 4193), at most 126 bits
 */
public record AddressRange(AddressPrefix ipv4, AddressPrefix ipv6) {
  private static final int SIZE_BITS = 2;

  /** A function's place in the range is at most this: that of a /14, 65,536 functions. */
  private static final int MOST_BITS = 16;

  /** Checks the families and that one function has room. */
  public AddressRange {
    if (!ipv4.isIpv4() || ipv6.isIpv4() || ipv4.bits() > 30 || ipv6.bits() > 126) {
      throw new IllegalArgumentException(
          "address range "
              + ipv4
              + ", "
              + ipv6
              + ": must be IPv4 with at most 30 bits and IPv6 with at most 126");
    }
  }

  /**
   * Returns the range unless told: 10.213.0.0/16 and fd63:6c6f:6973::/48.
   *
   * @return room for 16,384 functions
   */
  public static AddressRange standard() {
    try {
      return new AddressRange(
          new AddressPrefix(InetAddress.getByAddress(new byte[] {10, (byte) 213, 0, 0}), 16),
          new AddressPrefix(
              InetAddress.getByAddress(
                  Arrays.copyOf(new byte[] {(byte) 0xfd, 0x63, 0x6c, 0x6f, 0x69, 0x73}, 16)),
              48));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are addresses", e);
    }
  }

  /** How many functions have room. */
  int size() {
    var bits = Math.min(32 - ipv4.bits(), 128 - ipv6.bits()) - SIZE_BITS;
    return 1 << Math.min(bits, MOST_BITS);
  }

  /** The host's end, of a function's link. */
  Inet4Address hostIpv4(int place) {
    return (Inet4Address) at(ipv4, place, 1);
  }

  Inet6Address hostIpv6(int place) {
    return (Inet6Address) at(ipv6, place, 1);
  }

  Inet4Address cellIpv4(int place) {
    return (Inet4Address) at(ipv4, place, 2);
  }

  Inet6Address cellIpv6(int place) {
    return (Inet6Address) at(ipv6, place, 2);
  }

  private static InetAddress at(AddressPrefix prefix, int place, int offset) {
    var first = prefix.network().getAddress();
    var number = new BigInteger(1, first).add(BigInteger.valueOf(4L * place + offset));
    var digits = number.toByteArray();
    var bytes = new byte[first.length];
    for (var i = 1; i <= Math.min(bytes.length, digits.length); i++) {
      bytes[bytes.length - i] = digits[digits.length - i];
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("as many bytes as the prefix has are an address", e);
    }
  }
}
