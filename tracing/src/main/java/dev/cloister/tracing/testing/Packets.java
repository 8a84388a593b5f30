package dev.cloister.tracing.testing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds packets: IPv4 or IPv6 by its ends' addresses, with right lengths and checksums. Frames are
 * Ethernet. Sources: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 1071.
 */
public final class Packets {
  /** TCP's flag that no more data comes. */
  public static final int FIN = 0x01;

  /** TCP's flag that begins a connection. */
  public static final int SYN = 0x02;

  /** TCP's flag that breaks a connection off. */
  public static final int RST = 0x04;

  /** TCP's flag that data should go on at once. */
  public static final int PSH = 0x08;

  /** TCP's flag that the acknowledgement counts. */
  public static final int ACK = 0x10;

  static final int TCP = 6;
  private static final int UDP = 17;
  private static final int TCP_HEADER_BYTES = 20;
  private static final int UDP_HEADER_BYTES = 8;

  private Packets() {}

  /**
   * Builds a TCP segment in an Ethernet frame.
   *
   * @param from the sender
   * @param to the receiver
   * @param sequence the sequence number, 32 bits
   * @param acknowledgement the acknowledgement number, 32 bits
   * @param flags such as {@link #SYN}
   * @param data the payload
   * @return a frame
   */
  public static byte[] tcp(
      Endpoint from, Endpoint to, int sequence, int acknowledgement, int flags, byte[] data) {
    return ethernet(ip(from, to, TCP, segment(from, to, sequence, acknowledgement, flags, data)));
  }

  /**
   * Builds a UDP datagram in an Ethernet frame.
   *
   * @param from the sender
   * @param to the receiver
   * @param data the payload
   * @return a frame
   */
  public static byte[] udp(Endpoint from, Endpoint to, byte[] data) {
    var datagram =
        ByteBuffer.allocate(UDP_HEADER_BYTES + data.length)
            .putShort((short) from.port())
            .putShort((short) to.port())
            .putShort((short) (UDP_HEADER_BYTES + data.length))
            .putShort((short) 0)
            .put(data)
            .array();
    put16(datagram, 6, transportChecksum(from, to, UDP, datagram));
    return ethernet(ip(from, to, UDP, datagram));
  }

  /**
   * Cuts an IPv4 or IPv6 packet in an Ethernet frame into fragments.
   *
   * @param frame an Ethernet frame without tags
   * @param payloadBytes how much of the IP payload goes into each, a multiple of 8
   * @param identification what the fragments share
   * @return frames, in order
   */
  public static List<byte[]> fragments(byte[] frame, int payloadBytes, int identification) {
    if (payloadBytes < 8 || payloadBytes % 8 != 0) {
      throw new IllegalArgumentException(
          "payloadBytes " + payloadBytes + ": must be a multiple of 8");
    }
    var isIpv4 = frame[14] >> 4 == 4;
    var headerEnd = 14 + (isIpv4 ? 20 : 40);
    var fragments = new ArrayList<byte[]>();
    for (var at = headerEnd; at < frame.length; at += payloadBytes) {
      var length = Math.min(payloadBytes, frame.length - at);
      var isLast = at + length == frame.length;
      fragments.add(
          isIpv4
              ? ipv4Fragment(frame, at, length, isLast, identification)
              : ipv6Fragment(frame, at, length, isLast, identification));
    }
    return fragments;
  }

  private static byte[] ipv4Fragment(
      byte[] frame, int at, int length, boolean isLast, int identification) {
    var fragment = new byte[34 + length];
    System.arraycopy(frame, 0, fragment, 0, 34);
    System.arraycopy(frame, at, fragment, 34, length);
    put16(fragment, 16, 20 + length);
    put16(fragment, 18, identification);
    put16(fragment, 20, (isLast ? 0 : 0x2000) | ((at - 34) / 8));
    put16(fragment, 24, 0);
    put16(fragment, 24, checksum(fragment, 14, 20, 0));
    return fragment;
  }

  private static byte[] ipv6Fragment(
      byte[] frame, int at, int length, boolean isLast, int identification) {
    var fragment = new byte[62 + length];
    System.arraycopy(frame, 0, fragment, 0, 54);
    put16(fragment, 18, 8 + length);
    fragment[54] = fragment[20];
    fragment[20] = 44;
    put16(fragment, 56, (at - 54) | (isLast ? 0 : 1));
    ByteBuffer.wrap(fragment).putInt(58, identification);
    System.arraycopy(frame, at, fragment, 62, length);
    return fragment;
  }

  private static byte[] segment(
      Endpoint from, Endpoint to, int sequence, int acknowledgement, int flags, byte[] data) {
    var segment =
        ByteBuffer.allocate(TCP_HEADER_BYTES + data.length)
            .putShort((short) from.port())
            .putShort((short) to.port())
            .putInt(sequence)
            .putInt(acknowledgement)
            .put((byte) ((TCP_HEADER_BYTES / 4) << 4))
            .put((byte) flags)
            .putShort((short) 0xffff)
            .putInt(0)
            .put(data)
            .array();
    put16(segment, 16, transportChecksum(from, to, TCP, segment));
    return segment;
  }

  private static byte[] ethernet(byte[] packet) {
    var isIpv4 = packet[0] >> 4 == 4;
    return ByteBuffer.allocate(14 + packet.length)
        .put(new byte[] {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1})
        .putShort((short) (isIpv4 ? 0x0800 : 0x86dd))
        .put(packet)
        .array();
  }

  private static byte[] ip(Endpoint from, Endpoint to, int protocol, byte[] payload) {
    return from.bytes().length == 4
        ? ipv4(from, to, protocol, payload)
        : ipv6(from, to, protocol, payload);
  }

  private static byte[] ipv4(Endpoint from, Endpoint to, int protocol, byte[] payload) {
    var packet =
        ByteBuffer.allocate(20 + payload.length)
            .put((byte) 0x45)
            .put((byte) 0)
            .putShort((short) (20 + payload.length))
            .putInt(0)
            .put((byte) 64)
            .put((byte) protocol)
            .putShort((short) 0)
            .put(from.bytes())
            .put(to.bytes())
            .put(payload)
            .array();
    put16(packet, 10, checksum(packet, 0, 20, 0));
    return packet;
  }

  private static byte[] ipv6(Endpoint from, Endpoint to, int protocol, byte[] payload) {
    return ByteBuffer.allocate(40 + payload.length)
        .putInt(0x60000000)
        .putShort((short) payload.length)
        .put((byte) protocol)
        .put((byte) 64)
        .put(from.bytes())
        .put(to.bytes())
        .put(payload)
        .array();
  }

  private static int transportChecksum(Endpoint from, Endpoint to, int protocol, byte[] payload) {
    if (from.bytes().length != to.bytes().length) {
      throw new IllegalArgumentException(from + " and " + to + " are of different versions of IP");
    }
    var pseudo =
        ByteBuffer.allocate(2 * from.bytes().length).put(from.bytes()).put(to.bytes()).array();
    var sum = sum(pseudo, 0, pseudo.length) + protocol + payload.length;
    return checksum(payload, 0, payload.length, sum);
  }

  static int checksum(byte[] bytes, int offset, int length, long sum) {
    var folded = sum + sum(bytes, offset, length);
    while (folded >>> Short.SIZE != 0) {
      folded = (folded & 0xffff) + (folded >>> Short.SIZE);
    }
    return (int) ~folded & 0xffff;
  }

  static long sum(byte[] bytes, int offset, int length) {
    var sum = 0L;
    for (var i = 0; i < length - 1; i += 2) {
      sum += ((bytes[offset + i] & 0xff) << Byte.SIZE) | (bytes[offset + i + 1] & 0xff);
    }
    if (length % 2 != 0) {
      sum += (bytes[offset + length - 1] & 0xff) << Byte.SIZE;
    }
    return sum;
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> Byte.SIZE);
    bytes[at + 1] = (byte) value;
  }
}
