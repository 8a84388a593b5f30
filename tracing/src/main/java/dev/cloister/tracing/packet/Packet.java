package dev.cloister.tracing.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One IP packet, as a view of someone else's bytes: its addresses, and the TCP or UDP header where
 * it has one. Lengths are of what was captured; what the headers promise and the capture lacks is
 * missing. It is valid until the callback that gave it returns. Not safe for use by many threads.
 *
 * <p>Sources: RFC 791, RFC 8200, RFC 9293, RFC 768.
 */
public final class Packet {
  /** The protocol number of TCP. */
  public static final int TCP = 6;

  /** The protocol number of UDP. */
  public static final int UDP = 17;

  /** TCP's flag that no more data comes. */
  public static final int FIN = 0x01;

  /** TCP's flag that begins a connection. */
  public static final int SYN = 0x02;

  /** TCP's flag that ends a connection at once. */
  public static final int RST = 0x04;

  /** TCP's flag that the acknowledgement counts. */
  public static final int ACK = 0x10;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  byte[] bytes = {};
  long timeNanos;
  int header;
  int version;
  int protocol;
  int source;
  int destination;
  boolean fragment;
  boolean moreFragments;
  int fragmentOffset;
  int identification;
  int nextHeaderField;
  int unfragmentable;
  int payload;
  int payloadLength;
  boolean transport;
  int data;
  int dataLength;

  Packet() {}

  static int uint16(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  static int int32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static long int64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /**
   * Returns the array that holds the packet.
   *
   * @return not to be changed
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Returns when the packet was captured; for one that was put together, when its last fragment
   * was.
   *
   * @return nanoseconds since 1970-01-01T00:00:00Z
   */
  public long timeNanos() {
    return timeNanos;
  }

  /**
   * Returns the version of IP.
   *
   * @return 4 or 6
   */
  public int version() {
    return version;
  }

  /**
   * Returns how long an address is.
   *
   * @return 4 or 16 bytes
   */
  public int addressBytes() {
    return version == 4 ? 4 : 16;
  }

  /**
   * Returns where in {@link #bytes()} the source address is.
   *
   * @return an index
   */
  public int sourceOffset() {
    return source;
  }

  /**
   * Returns where in {@link #bytes()} the destination address is.
   *
   * @return an index
   */
  public int destinationOffset() {
    return destination;
  }

  /**
   * Returns what the packet carries, behind every extension header.
   *
   * @return a protocol number, such as {@link #TCP}
   */
  public int protocol() {
    return protocol;
  }

  /**
   * Tells whether this is a piece of a larger packet.
   *
   * @return whether it must be put together before its payload can be read
   */
  public boolean isFragment() {
    return fragment;
  }

  /**
   * Returns where in {@link #bytes()} the IP header begins.
   *
   * @return an index
   */
  public int headerOffset() {
    return header;
  }

  /**
   * Returns where in its datagram a fragment's payload belongs.
   *
   * @return bytes, a multiple of 8
   */
  public int fragmentOffset() {
    return fragmentOffset;
  }

  /**
   * Tells whether a fragment is not the last of its datagram.
   *
   * @return whether more belong behind it
   */
  public boolean hasMoreFragments() {
    return moreFragments;
  }

  /**
   * Returns the number that a datagram's fragments share.
   *
   * @return 16 bits in IPv4, 32 bits in IPv6
   */
  public int identification() {
    return identification;
  }

  /**
   * Returns how much of a fragment stands before its payload in every fragment alike: the IP
   * header, and in IPv6 the extension headers before the fragment header.
   *
   * @return bytes from {@link #headerOffset()}
   */
  public int unfragmentableBytes() {
    return unfragmentable;
  }

  /**
   * Returns where the number stands that says what follows the unfragmentable part.
   *
   * @return an index into {@link #bytes()}
   */
  public int nextHeaderOffset() {
    return nextHeaderField;
  }

  /**
   * Returns where in {@link #bytes()} the IP payload begins.
   *
   * @return an index
   */
  public int payloadOffset() {
    return payload;
  }

  /**
   * Returns how much of the IP payload was captured.
   *
   * @return bytes
   */
  public int payloadLength() {
    return payloadLength;
  }

  /**
   * Tells whether there is a whole TCP header.
   *
   * @return whether the methods about TCP may be called
   */
  public boolean isTcp() {
    return transport && protocol == TCP;
  }

  /**
   * Tells whether there is a whole UDP header.
   *
   * @return whether the methods about ports and data may be called
   */
  public boolean isUdp() {
    return transport && protocol == UDP;
  }

  /**
   * Returns the source port.
   *
   * @return 0 to 65535
   */
  public int sourcePort() {
    return uint16(bytes, payload);
  }

  /**
   * Returns the destination port.
   *
   * @return 0 to 65535
   */
  public int destinationPort() {
    return uint16(bytes, payload + 2);
  }

  /**
   * Returns TCP's sequence number.
   *
   * @return 32 bits, to be taken as unsigned
   */
  public int sequence() {
    return int32(bytes, payload + 4);
  }

  /**
   * Returns TCP's acknowledgement number.
   *
   * @return 32 bits, to be taken as unsigned
   */
  public int acknowledgement() {
    return int32(bytes, payload + 8);
  }

  /**
   * Returns TCP's flags.
   *
   * @return bits such as {@link #SYN}
   */
  public int flags() {
    return bytes[payload + 13] & 0xff;
  }

  /**
   * Returns where in {@link #bytes()} the data of TCP or UDP begins.
   *
   * @return an index
   */
  public int dataOffset() {
    return data;
  }

  /**
   * Returns how much data of TCP or UDP was captured.
   *
   * @return bytes
   */
  public int dataLength() {
    return dataLength;
  }
}
