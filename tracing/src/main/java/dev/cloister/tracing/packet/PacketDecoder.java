package dev.cloister.tracing.packet;

import dev.cloister.tracing.capture.Frame;
import org.jspecify.annotations.Nullable;

/**
 * Finds the IP packets in frames, through any depth of VLAN tags, MPLS labels, PPPoE and the like,
 * and inside sFlow samples. Any bytes give packets or a reason why there are none; it never throws,
 * and never reads outside the frame. Keeps nothing between frames. Not safe for use by many
 * threads.
 */
public final class PacketDecoder {
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int TCP_HEADER_BYTES = 20;
  private static final int UDP_HEADER_BYTES = 8;

  /** A packet inside a packet inside a packet: deeper is not looked. */
  private static final int NESTING_MAX = 4;

  private final PacketHandler handler;
  private final LinkLayer link = new LinkLayer();

  /**
   * One for each packet that is being handled: a packet in a packet, or a datagram of fragments.
   */
  private final Packet[] packets = new Packet[NESTING_MAX];

  private int nesting;
  private final long[] undecoded = new long[Undecoded.values().length];

  /**
   * Makes a decoder.
   *
   * @param handler takes each packet
   */
  public PacketDecoder(PacketHandler handler) {
    this.handler = handler;
    for (var i = 0; i < NESTING_MAX; i++) {
      packets[i] = new Packet();
    }
  }

  /**
   * Gives the packets of a frame to the handler.
   *
   * @param frame what was captured
   */
  public void decode(Frame frame) {
    decodeLink(
        frame.bytes(),
        frame.offset(),
        frame.offset() + frame.length(),
        frame.linkType(),
        frame.timeNanos());
  }

  /**
   * Gives an IP packet that was put together from fragments to the handler; the handler itself may
   * call this.
   *
   * @param bytes holds the packet, from its IP header on
   * @param offset where it begins
   * @param length how long it is
   * @param timeNanos when its last fragment was captured
   */
  public void decodeDatagram(byte[] bytes, int offset, int length, long timeNanos) {
    decodeIp(bytes, offset, offset + length, timeNanos);
  }

  /**
   * Tells how many frames, or packets inside packets, gave nothing.
   *
   * @param reason why
   * @return how many, since the beginning
   */
  public long undecoded(Undecoded reason) {
    return undecoded[index(reason)];
  }

  private static int index(Undecoded reason) {
    return switch (reason) {
      case UNKNOWN_LINK -> 0;
      case NOT_IP -> 1;
      case TRUNCATED -> 2;
      case MALFORMED -> 3;
    };
  }

  private void count(@Nullable Undecoded reason) {
    if (reason != null) {
      undecoded[index(reason)]++;
    }
  }

  void decodeLink(byte[] bytes, int from, int end, int linkType, long timeNanos) {
    var reason = link.find(bytes, from, end, linkType);
    if (reason == null) {
      decodeIp(bytes, link.ip(), end, timeNanos);
    } else {
      count(reason);
    }
  }

  void decodeIp(byte[] bytes, int from, int end, long timeNanos) {
    if (nesting == NESTING_MAX) {
      count(Undecoded.MALFORMED);
      return;
    }
    var packet = packets[nesting++];
    try {
      packet.bytes = bytes;
      packet.timeNanos = timeNanos;
      packet.header = from;
      packet.transport = false;
      packet.fragment = false;
      var reason = headers(packet, end);
      if (reason != null) {
        count(reason);
        return;
      }
      handler.packet(packet);
      if (packet.isUdp() && SflowSamples.isSflow(packet)) {
        SflowSamples.decode(packet, this);
      }
    } finally {
      nesting--;
    }
  }

  private static @Nullable Undecoded headers(Packet packet, int end) {
    if (packet.header >= end) {
      return Undecoded.TRUNCATED;
    }
    var reason =
        switch (packet.bytes[packet.header] >> 4 & 0xf) {
          case 4 -> ipv4(packet, end);
          case 6 -> ipv6(packet, end);
          default -> Undecoded.MALFORMED;
        };
    if (reason == null && !packet.fragment) {
      transport(packet);
    }
    return reason;
  }

  private static @Nullable Undecoded ipv4(Packet packet, int end) {
    var bytes = packet.bytes;
    var at = packet.header;
    if (end - at < IPV4_HEADER_BYTES) {
      return Undecoded.TRUNCATED;
    }
    var headerBytes = (bytes[at] & 0xf) * 4;
    if (headerBytes < IPV4_HEADER_BYTES) {
      return Undecoded.MALFORMED;
    }
    if (end - at < headerBytes) {
      return Undecoded.TRUNCATED;
    }
    var total = Packet.uint16(bytes, at + 2);
    if (total == 0) {
      // The sender's card was to cut it up, and would have filled this in.
      total = end - at;
    } else if (total < headerBytes) {
      return Undecoded.MALFORMED;
    }
    var fragmentation = Packet.uint16(bytes, at + 6);
    packet.version = 4;
    packet.protocol = bytes[at + 9] & 0xff;
    packet.source = at + 12;
    packet.destination = at + 16;
    packet.identification = Packet.uint16(bytes, at + 4);
    packet.fragmentOffset = (fragmentation & 0x1fff) * 8;
    packet.moreFragments = (fragmentation & 0x2000) != 0;
    packet.fragment = packet.moreFragments || packet.fragmentOffset > 0;
    packet.nextHeaderField = at + 9;
    packet.unfragmentable = headerBytes;
    packet.payload = at + headerBytes;
    packet.payloadLength = Math.min(total, end - at) - headerBytes;
    return null;
  }

  private static @Nullable Undecoded ipv6(Packet packet, int end) {
    var bytes = packet.bytes;
    var at = packet.header;
    if (end - at < IPV6_HEADER_BYTES) {
      return Undecoded.TRUNCATED;
    }
    packet.version = 6;
    packet.source = at + 8;
    packet.destination = at + 24;
    packet.protocol = bytes[at + 6] & 0xff;
    packet.payload = at + IPV6_HEADER_BYTES;
    packet.nextHeaderField = at + 6;
    var promised = Packet.uint16(bytes, at + 4);
    // No length: a jumbogram, or one that the sender's card was to cut up.
    var limit = promised == 0 ? end : Math.min(end, packet.payload + promised);
    var reason = extensions(packet, limit);
    packet.payloadLength = limit - packet.payload;
    return reason;
  }

  /** Walks the extension headers up to the payload, or to what only a whole packet shows. */
  private static @Nullable Undecoded extensions(Packet packet, int limit) {
    var bytes = packet.bytes;
    while (true) {
      var at = packet.payload;
      int length;
      switch (packet.protocol) {
        case 0, 43, 60, 135, 139, 140 -> {
          if (limit - at < 8) {
            return Undecoded.TRUNCATED;
          }
          length = ((bytes[at + 1] & 0xff) + 1) * 8;
        }
        case 51 -> {
          if (limit - at < 8) {
            return Undecoded.TRUNCATED;
          }
          length = ((bytes[at + 1] & 0xff) + 2) * 4;
        }
        case 44 -> {
          if (limit - at < 8) {
            return Undecoded.TRUNCATED;
          }
          length = 8;
          fragment(packet, at);
        }
        default -> {
          return null;
        }
      }
      if (limit - at < length) {
        return Undecoded.TRUNCATED;
      }
      packet.protocol = bytes[at] & 0xff;
      packet.payload = at + length;
      if (packet.fragment) {
        return null;
      }
      packet.nextHeaderField = at;
    }
  }

  /** A fragment that is alone is whole: RFC 6946. */
  private static void fragment(Packet packet, int at) {
    var field = Packet.uint16(packet.bytes, at + 2);
    packet.fragmentOffset = field & 0xfff8;
    packet.moreFragments = (field & 1) != 0;
    packet.identification = Packet.int32(packet.bytes, at + 4);
    packet.unfragmentable = at - packet.header;
    packet.fragment = packet.moreFragments || packet.fragmentOffset > 0;
  }

  private static void transport(Packet packet) {
    var at = packet.payload;
    var length = packet.payloadLength;
    if (packet.protocol == Packet.TCP) {
      if (length < TCP_HEADER_BYTES) {
        return;
      }
      var headerBytes = (packet.bytes[at + 12] >> 4 & 0xf) * 4;
      if (headerBytes < TCP_HEADER_BYTES) {
        return;
      }
      packet.data = Math.min(at + headerBytes, at + length);
      packet.dataLength = Math.max(0, length - headerBytes);
      packet.transport = true;
    } else if (packet.protocol == Packet.UDP && length >= UDP_HEADER_BYTES) {
      packet.data = at + UDP_HEADER_BYTES;
      packet.dataLength = length - UDP_HEADER_BYTES;
      packet.transport = true;
    }
  }
}
