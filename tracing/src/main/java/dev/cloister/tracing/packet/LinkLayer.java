package dev.cloister.tracing.packet;

import org.jspecify.annotations.Nullable;

/**
 * Finds where the IP packet of a frame begins. Numbers are those of the LINKTYPE registry of pcap,
 * of IEEE 802 and of PPP.
 */
final class LinkLayer {
  private static final int ETHERNET = 1;
  private static final int ETHERNET_HEADER_BYTES = 14;
  private static final int VLAN_TAG_BYTES = 4;
  private static final int MPLS_LABEL_BYTES = 4;

  private int ip;

  /** Returns where the packet begins, after {@link #find} found one. */
  int ip() {
    return ip;
  }

  /** Looks for an IP packet; null when there is one. */
  @Nullable Undecoded find(byte[] bytes, int from, int end, int linkType) {
    return switch (linkType) {
      case ETHERNET -> ethernet(bytes, from, end);
      // NULL, LOOP: an address family in some byte order; the packet itself tells its version.
      case 0, 108 -> raw(bytes, from + 4, end);
      // RAW, and what some systems number so; IPV4; IPV6.
      case 12, 14, 101, 228, 229 -> raw(bytes, from, end);
      case 9, 50 -> hdlcOrPpp(bytes, from, end);
      case 51 -> pppoe(bytes, from, end);
      case 104 -> etherType(bytes, from + 2, end);
      case 113 -> cooked(bytes, from, end);
      case 276 -> etherType(bytes, from, end, from + 20);
      case 239 -> nflog(bytes, from, end);
      default -> Undecoded.UNKNOWN_LINK;
    };
  }

  private @Nullable Undecoded raw(byte[] bytes, int at, int end) {
    if (at >= end) {
      return Undecoded.TRUNCATED;
    }
    ip = at;
    var version = bytes[at] >> 4 & 0xf;
    return version == 4 || version == 6 ? null : Undecoded.NOT_IP;
  }

  private @Nullable Undecoded ethernet(byte[] bytes, int from, int end) {
    return end - from < ETHERNET_HEADER_BYTES
        ? Undecoded.TRUNCATED
        : etherType(bytes, from + 12, end);
  }

  /** Follows a type and what stands behind it. */
  private @Nullable Undecoded etherType(byte[] bytes, int type, int end) {
    return etherType(bytes, type, end, type + 2);
  }

  private @Nullable Undecoded etherType(byte[] bytes, int typeAt, int end, int payloadAt) {
    var type = typeAt;
    var payload = payloadAt;
    while (payload <= end && type + 2 <= end) {
      switch (Packet.uint16(bytes, type)) {
        // 802.1Q, 802.1ad, and what was used before it.
        case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300 -> {
          type = payload + 2;
          payload += VLAN_TAG_BYTES;
        }
        case 0x0800, 0x86dd -> {
          ip = payload;
          return payload < end ? null : Undecoded.TRUNCATED;
        }
        case 0x8847, 0x8848 -> {
          return mpls(bytes, payload, end);
        }
        case 0x8864 -> {
          return pppoe(bytes, payload, end);
        }
        case 0x880b -> {
          return ppp(bytes, payload, end);
        }
        default -> {
          return logicalLink(bytes, type, payload, end);
        }
      }
    }
    return Undecoded.TRUNCATED;
  }

  /** 802.3: a length where the type was, then 802.2 with a SNAP header that has a type. */
  private @Nullable Undecoded logicalLink(byte[] bytes, int type, int payload, int end) {
    var isLength = Packet.uint16(bytes, type) <= 1500;
    if (!isLength || end - payload < 8 || Packet.uint16(bytes, payload) != 0xaaaa) {
      return Undecoded.NOT_IP;
    }
    var snapType = Packet.uint16(bytes, payload + 6);
    return snapType == 0x0800 || snapType == 0x86dd
        ? raw(bytes, payload + 8, end)
        : Undecoded.NOT_IP;
  }

  private @Nullable Undecoded mpls(byte[] bytes, int from, int end) {
    var at = from;
    while (end - at > MPLS_LABEL_BYTES) {
      var isBottom = (bytes[at + 2] & 1) != 0;
      at += MPLS_LABEL_BYTES;
      if (isBottom) {
        return underMpls(bytes, at, end);
      }
    }
    return Undecoded.TRUNCATED;
  }

  /**
   * Nothing says what labels carry: IP by its version, else Ethernet behind a control word, or
   * bare.
   */
  private @Nullable Undecoded underMpls(byte[] bytes, int at, int end) {
    if (raw(bytes, at, end) == null) {
      return null;
    }
    var isControlWord = end - at >= 4 && Packet.uint16(bytes, at) >> 12 == 0;
    if (isControlWord && ethernet(bytes, at + 4, end) == null) {
      return null;
    }
    return ethernet(bytes, at, end);
  }

  private @Nullable Undecoded pppoe(byte[] bytes, int at, int end) {
    if (end - at < 6) {
      return Undecoded.TRUNCATED;
    }
    // A code other than 0 is discovery, which carries no packet.
    return bytes[at + 1] == 0 ? ppp(bytes, at + 6, end) : Undecoded.NOT_IP;
  }

  private @Nullable Undecoded hdlcOrPpp(byte[] bytes, int at, int end) {
    if (end - at < 4) {
      return Undecoded.TRUNCATED;
    }
    return switch (bytes[at] & 0xff) {
      case 0xff -> ppp(bytes, at + 2, end);
      // Cisco's addresses for unicast and multicast.
      case 0x0f, 0x8f -> etherType(bytes, at + 2, end);
      default -> ppp(bytes, at, end);
    };
  }

  private @Nullable Undecoded ppp(byte[] bytes, int at, int end) {
    if (end - at < 2) {
      return Undecoded.TRUNCATED;
    }
    // An odd first byte is a protocol field that was compressed to one.
    var isShort = (bytes[at] & 1) != 0;
    var protocol = isShort ? bytes[at] & 0xff : Packet.uint16(bytes, at);
    var payload = at + (isShort ? 1 : 2);
    return switch (protocol) {
      case 0x0021, 0x0057 -> raw(bytes, payload, end);
      case 0x0281, 0x0283 -> mpls(bytes, payload, end);
      default -> Undecoded.NOT_IP;
    };
  }

  /** Linux cooked capture, first version: the kind of hardware says whether there is a type. */
  private @Nullable Undecoded cooked(byte[] bytes, int from, int end) {
    if (end - from < 16) {
      return Undecoded.TRUNCATED;
    }
    var hardware = Packet.uint16(bytes, from + 2);
    var isNetlink = hardware == 824;
    return isNetlink ? Undecoded.NOT_IP : etherType(bytes, from + 14, end);
  }

  /** Netfilter's log: attributes, one of which is the packet. */
  private @Nullable Undecoded nflog(byte[] bytes, int from, int end) {
    var at = from + 4;
    while (end - at >= 4) {
      // In the byte order of the machine that logged: no type is so large that it fills two bytes.
      var isLittle = (bytes[at + 3] & 0x7f) == 0;
      var length = isLittle ? littleEndian(bytes, at) : Packet.uint16(bytes, at);
      var type = (isLittle ? bytes[at + 2] : bytes[at + 3]) & 0xff;
      if (length < 4) {
        return Undecoded.MALFORMED;
      }
      if (type == 9) {
        return raw(bytes, at + 4, end);
      }
      at += Math.ceilDiv(length, 4) * 4;
    }
    return Undecoded.NOT_IP;
  }

  private static int littleEndian(byte[] bytes, int at) {
    return ((bytes[at + 1] & 0xff) << Byte.SIZE) | (bytes[at] & 0xff);
  }
}
