package dev.cloister.tracing.tracer;

import dev.cloister.tracing.flow.Defragmenter;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.nio.ByteBuffer;
import java.util.Random;

/** Packets that somebody sends to exhaust a tracer: each kind gives its frame number {@code i}. */
enum Flood {
  /** Connections that are begun and left, each from another host. */
  SYN,
  /** First fragments of IPv4, each of another datagram. */
  FIRST_FRAGMENTS,
  /** The same of IPv6. */
  FIRST_FRAGMENTS_IPV6,
  /** Fragments of sixteen bytes that overlap, none the last of its datagram. */
  TINY_OVERLAPPING_FRAGMENTS,
  /** One byte a segment, in order. */
  DRIP,
  /** One byte a segment, the last first. */
  DRIP_REVERSED,
  /** One byte a segment, anywhere, and so again and again with other bytes. */
  DRIP_RANDOM,
  /** One byte behind a hole in each of many connections, and another hole behind it. */
  HOLES,
  /** As much as a segment holds, behind a hole in each of many connections. */
  WIDE_HOLES;

  /** The frames that others are made of. */
  private static final class Bases {
    static final Endpoint SERVER = Endpoint.of("198.51.100.9", 80);
    static final byte[] SYN =
        Packets.tcp(Endpoint.of("172.16.0.1", 2000), SERVER, 1, 0, Packets.SYN, new byte[0]);
    static final byte[] FRAGMENT = fragment(1000);
    static final byte[] TINY = fragment(16);
    static final byte[] FRAGMENT_IPV6 =
        Packets.fragments(
                Packets.udp(
                    Endpoint.of("2001:db8::1", 2000),
                    Endpoint.of("2001:db8::2", 80),
                    new byte[1400]),
                1000,
                0)
            .getFirst();

    private static byte[] fragment(int bytes) {
      var whole = Packets.udp(Endpoint.of("172.16.0.1", 2000), SERVER, new byte[1400]);
      return Packets.fragments(whole, bytes, 0).getFirst();
    }
  }

  private static final int FIRST_SEQUENCE = 5_000_000;
  private static final int FIRST_SENDER = 0x40000;

  byte[] frame(int i) {
    return switch (this) {
      case SYN -> patched(Bases.SYN, i);
      case FIRST_FRAGMENTS -> fragment(Bases.FRAGMENT, i);
      case FIRST_FRAGMENTS_IPV6 -> fragmentIpv6(i);
      case TINY_OVERLAPPING_FRAGMENTS -> tiny(i);
      case DRIP -> drip(i, i / 4);
      case DRIP_REVERSED -> drip(i, 1_000_000 - i / 4);
      case DRIP_RANDOM -> drip(i, new Random(i).nextInt(200_000));
      case HOLES -> oneByte(i % 20_000, 10 + 2 * (i / 20_000));
      case WIDE_HOLES -> wide(i % 20_000, 10 + 2000 * (i / 20_000));
    };
  }

  /** Gives a frame another sender; nobody looks at the checksum. */
  private static byte[] patched(byte[] base, int number) {
    var frame = base.clone();
    ByteBuffer.wrap(frame).putInt(14 + 12, 0xac100000 + number);
    return frame;
  }

  private static byte[] fragment(byte[] base, int identification) {
    var fragment = base.clone();
    ByteBuffer.wrap(fragment).putShort(14 + 4, (short) identification);
    return fragment;
  }

  /** A piece of one of more datagrams than are kept, anywhere in it. */
  private static byte[] tiny(int i) {
    var fragment = fragment(Bases.TINY, i % (Defragmenter.DATAGRAMS_MAX + 1000));
    var place = new Random(i).nextInt(80);
    ByteBuffer.wrap(fragment).putShort(14 + 6, (short) (0x2000 | place));
    return fragment;
  }

  private static byte[] fragmentIpv6(int identification) {
    var fragment = Bases.FRAGMENT_IPV6.clone();
    ByteBuffer.wrap(fragment).putInt(14 + 40 + 4, identification);
    return fragment;
  }

  /** A byte of one of four streams, which begin with a SYN each. */
  private static byte[] drip(int number, int at) {
    return number < 4 ? segment(number, -1, Packets.SYN, new byte[0]) : oneByte(number % 4, at);
  }

  private static byte[] oneByte(int connection, int at) {
    return segment(connection, at, Packets.ACK, new byte[] {(byte) at});
  }

  private static byte[] wide(int connection, int at) {
    return segment(connection, at, Packets.ACK, new byte[1000]);
  }

  private static byte[] segment(int connection, int at, int flags, byte[] data) {
    var from = Endpoint.of("172.20.0.1", 2000);
    var sequence = FIRST_SEQUENCE + at;
    return patched(
        Packets.tcp(from, Bases.SERVER, sequence, 1, flags, data), FIRST_SENDER + connection);
  }
}
