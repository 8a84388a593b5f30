package dev.cloister.core.policy;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An address as a number of 128 bits; IPv4 lies where IPv6 maps it, in ::ffff:0:0/96, so that both
 * ways to write one address are the same number.
 */
record Address(long high, long low) implements Comparable<Address> {
  static final Address FIRST = new Address(0, 0);
  static final Address LAST = new Address(-1, -1);

  private static final long MAPPED = 0xffff_0000_0000L;

  /** Every IPv4 address. */
  static final Span IPV4 = new Span(new Address(0, MAPPED), new Address(0, MAPPED | 0xffff_ffffL));

  /** All addresses from one to another. */
  record Span(Address first, Address last) {

    /** Returns what two that overlap have in common. */
    Span and(Span other) {
      return new Span(
          first.compareTo(other.first) > 0 ? first : other.first,
          last.compareTo(other.last) < 0 ? last : other.last);
    }
  }

  static Address of(byte[] address) {
    return new Address(high(address), low(address));
  }

  static long high(byte[] address) {
    return switch (address.length) {
      case 4 -> 0;
      case 16 -> bits(address, 0, 8);
      default ->
          throw new IllegalArgumentException(
              "address of " + address.length + " bytes: must be 4 or 16");
    };
  }

  static long low(byte[] address) {
    return address.length == 4 ? MAPPED | bits(address, 0, 4) : bits(address, 8, 8);
  }

  private static long bits(byte[] address, int offset, int length) {
    var bits = 0L;
    for (var i = offset; i < offset + length; i++) {
      bits = bits << 8 | (address[i] & 0xff);
    }
    return bits;
  }

  /** Returns an address of the JDK, which takes a mapped one for IPv4 too. */
  InetAddress inet() {
    var bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  /** Returns an address as people and URLs write it, IPv6 in brackets. */
  static String text(InetAddress address) {
    var text = InetAddresses.toAddrString(address);
    return text.indexOf(':') < 0 ? text : "[" + text + "]";
  }

  Address next() {
    return new Address(low == -1 ? high + 1 : high, low + 1);
  }

  Address previous() {
    return new Address(low == 0 ? high - 1 : high, low - 1);
  }

  @Override
  public int compareTo(Address other) {
    var order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }
}
