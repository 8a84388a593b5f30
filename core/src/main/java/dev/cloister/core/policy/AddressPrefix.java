package dev.cloister.core.policy;

import dev.cloister.core.policy.Address.Span;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * All addresses of one family that begin with the same bits; those after are zero here. The family
 * is that of the JDK's class, which takes an IPv4-mapped IPv6 address for the IPv4 address: so do
 * we. Immutable.
 *
 * @param network the first address: an {@link Inet4Address} or {@link java.net.Inet6Address}
 * @param bits how many leading bits count, from 0 to 32 or 128
 */
public record AddressPrefix(InetAddress network, int bits) {

  /** Takes any address that begins with the bits, and clears the others. */
  public AddressPrefix {
    var width = network.getAddress().length * 8;
    if (bits < 0 || bits > width) {
      throw new IllegalArgumentException(
          "prefix /%d of %s: allowed are /0 to /%d".formatted(bits, Address.text(network), width));
    }
    network = cleared(Address.of(network.getAddress()), bits + 128 - width);
  }

  private static InetAddress cleared(Address address, int leading) {
    return new Address(
            address.high() & mask(Math.min(leading, 64)), address.low() & mask(leading - 64))
        .inet();
  }

  /** Sets the leading bits of a long. */
  private static long mask(int leading) {
    return leading <= 0 ? 0 : -1L << (64 - leading);
  }

  /**
   * Tells the family.
   *
   * @return whether these are IPv4 addresses; else they are IPv6
   */
  public boolean isIpv4() {
    return network instanceof Inet4Address;
  }

  /** Returns these addresses; of IPv6 without those that stand for IPv4. */
  List<Span> spans() {
    var first = Address.of(network.getAddress());
    var leading = isIpv4() ? bits + 96 : bits;
    var last =
        new Address(first.high() | ~mask(Math.min(leading, 64)), first.low() | ~mask(leading - 64));
    var mapped = Address.IPV4;
    if (isIpv4() || first.compareTo(mapped.first()) > 0 || last.compareTo(mapped.last()) < 0) {
      return List.of(new Span(first, last));
    }
    var before = new Span(first, mapped.first().previous());
    return last.equals(mapped.last())
        ? List.of(before)
        : List.of(before, new Span(mapped.last().next(), last));
  }

  /**
   * Writes the prefix as Tor's rules do.
   *
   * @return such as {@code 10.0.0.0/8}, {@code [2001:db8::]/32}, {@code [::1]}, {@code *4}
   */
  @Override
  public String toString() {
    if (bits == 0) {
      return isIpv4() ? "*4" : "*6";
    }
    var whole = isIpv4() ? Integer.SIZE : 128;
    return Address.text(network) + (bits == whole ? "" : "/" + bits);
  }

  /** Returns how many bits a mask of IPv4 sets, or -1 when they are not the leading ones. */
  static int bitsOf(InetAddress mask) {
    var bits = ByteBuffer.wrap(mask.getAddress()).getInt();
    var leading = Integer.numberOfLeadingZeros(~bits);
    return leading == Integer.bitCount(bits) ? leading : -1;
  }
}
