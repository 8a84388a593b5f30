package dev.cloister.tracing.packet;

import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Frames, layer by layer: what a link puts before an IP packet, and the packets. */
final class Layers {
  static final int ETHERNET = 1;

  private static final byte[] DATA = {'d', 'a', 't', 'a'};
  private static final String ADDRESSES = "020000000002 020000000001";

  private Layers() {}

  /**
   * What stands before a packet.
   *
   * @param name for people
   * @param linkType of the capture
   * @param before4 in front of IPv4
   * @param before6 in front of IPv6
   */
  record Link(String name, int linkType, String before4, String before6) {

    /** In front of either version stands the same. */
    static Link of(String name, int linkType, String before) {
      return new Link(name, linkType, before, before);
    }

    /** An EtherType is the last that stands before the packet. */
    static Link typed(String name, int linkType, String before) {
      return new Link(name, linkType, before + "0800", before + "86dd");
    }

    byte[] frame(byte[] packet) {
      return join(hex(packet[0] >> 4 == 4 ? before4 : before6), packet);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Sources: the LINKTYPE registry, IEEE 802.1Q, RFC 2516, RFC 3032, RFC 1661, RFC 4618. */
  static List<Link> links() {
    return List.of(
        Link.typed("Ethernet", ETHERNET, ADDRESSES),
        Link.typed("802.1Q", ETHERNET, ADDRESSES + "8100 0064"),
        Link.typed("802.1ad and 802.1Q", ETHERNET, ADDRESSES + "88a8 0064 8100 0065"),
        Link.typed("9100, twice 802.1Q", ETHERNET, ADDRESSES + "9100 0001 8100 0002 8100 0003"),
        Link.typed("thirty tags", ETHERNET, ADDRESSES + "8100 0fff".repeat(30)),
        Link.typed("SNAP", ETHERNET, ADDRESSES + "0040 aaaa03 000000"),
        new Link(
            "PPPoE",
            ETHERNET,
            ADDRESSES + "8864 1100 0001 0040 0021",
            ADDRESSES + "8864 1100 0001 0040 0057"),
        new Link(
            "PPPoE in a tag, protocol field of one byte",
            ETHERNET,
            ADDRESSES + "8100 0007 8864 1100 0001 0040 21",
            ADDRESSES + "8100 0007 8864 1100 0001 0040 57"),
        Link.of("MPLS", ETHERNET, ADDRESSES + "8847 00010140"),
        Link.of(
            "MPLS multicast, five labels",
            ETHERNET,
            ADDRESSES + "8848" + "00010040".repeat(4) + "00010140"),
        Link.typed("Ethernet over MPLS", ETHERNET, ADDRESSES + "8847 00010140" + ADDRESSES),
        Link.typed(
            "Ethernet over MPLS with a control word",
            ETHERNET,
            ADDRESSES + "8847 00010140 00000000" + ADDRESSES),
        Link.typed(
            "tag, MPLS, Ethernet, tag",
            ETHERNET,
            ADDRESSES + "8100 0001 8847 00010140 00000000" + ADDRESSES + "8100 0002"),
        new Link("BSD loopback, little-endian", 0, "02000000", "1e000000"),
        new Link("BSD loopback, big-endian", 0, "00000002", "0000001c"),
        new Link("OpenBSD loopback", 108, "00000002", "00000018"),
        Link.of("raw", 101, ""),
        Link.of("raw by its older number", 12, ""),
        Link.of("IPv4 or IPv6 alone", 228, ""),
        new Link("PPP", 9, "0021", "0057"),
        new Link("PPP in HDLC framing", 50, "ff03 0021", "ff03 0057"),
        Link.of("MPLS in PPP", 9, "0281 00010140"),
        Link.typed("Cisco HDLC", 104, "0f00"),
        Link.typed("Linux cooked", 113, "0000 0001 0006 020000000001 0000"),
        Link.typed("Linux cooked, with a tag", 113, "0000 0001 0006 020000000001 0000 8100 0005"),
        new Link(
            "Linux cooked, version 2",
            276,
            "0800 0000 00000002 0001 00 06 0200000000010000",
            "86dd 0000 00000002 0001 00 06 0200000000010000"),
        Link.typed(
            "Linux cooked, version 2, with a tag",
            276,
            "8100 0000 00000002 0001 00 06 0200000000010000 0005"),
        Link.of(
            "NFLOG, cut by the capture",
            239,
            "02 00 0000 0800 0100 08000300 0500 0a00 61 000000 8000 0900"),
        Link.of(
            "NFLOG, big-endian, cut by the capture",
            239,
            "02 00 0000 0008 0001 08000300 0005 000a 61 000000 0080 0009"));
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  static byte[] join(byte[]... parts) {
    var joined = new ByteArrayOutputStream();
    Stream.of(parts).forEach(joined::writeBytes);
    return joined.toByteArray();
  }

  static byte[] tcp4() {
    return ip(
        Packets.tcp(
            Endpoint.of("192.0.2.1", 4660), Endpoint.of("192.0.2.2", 80), 1, 2, Packets.ACK, DATA));
  }

  static byte[] tcp6() {
    return ip(
        Packets.tcp(
            Endpoint.of("2001:db8::1", 4660),
            Endpoint.of("2001:db8::2", 80),
            1,
            2,
            Packets.ACK,
            DATA));
  }

  static byte[] udp4() {
    return ip(Packets.udp(Endpoint.of("192.0.2.1", 4660), Endpoint.of("192.0.2.2", 53), DATA));
  }

  static byte[] udp6() {
    return ip(Packets.udp(Endpoint.of("2001:db8::1", 4660), Endpoint.of("2001:db8::2", 53), DATA));
  }

  private static byte[] ip(byte[] frame) {
    return Arrays.copyOfRange(frame, 14, frame.length);
  }

  /** Puts options behind a header of IPv4, a multiple of 4 bytes. */
  static byte[] withOptions(byte[] packet, byte[] options) {
    var whole =
        join(Arrays.copyOf(packet, 20), options, Arrays.copyOfRange(packet, 20, packet.length));
    whole[0] = (byte) (0x40 | (20 + options.length) / 4);
    whole[3] += (byte) options.length;
    return whole;
  }

  /**
   * Puts extension headers between a header of IPv6 and its payload.
   *
   * @param first the kind of the first
   * @param headers all of them, the last with the payload's protocol
   */
  static byte[] withExtensions(byte[] packet, int first, byte[] headers) {
    var whole =
        join(Arrays.copyOf(packet, 40), headers, Arrays.copyOfRange(packet, 40, packet.length));
    whole[6] = (byte) first;
    var length = whole.length - 40;
    whole[4] = (byte) (length >> 8);
    whole[5] = (byte) length;
    return whole;
  }
}
