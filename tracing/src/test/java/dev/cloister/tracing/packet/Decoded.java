package dev.cloister.tracing.packet;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.record.AddressText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a decoder made of one frame.
 *
 * @param packets what it gave, as text: addresses, protocol, ports, and data or payload
 * @param undecoded how many gave nothing, by reason, where there were any
 */
record Decoded(List<String> packets, Map<Undecoded, Long> undecoded) {

  /** Decodes bytes that stand alone in their array. */
  static Decoded of(int linkType, byte[] frame) {
    return of(linkType, frame, 0, frame.length);
  }

  static Decoded of(int linkType, byte[] bytes, int offset, int length) {
    var packets = new ArrayList<String>();
    var decoder = new PacketDecoder(packet -> packets.add(told(packet)));
    decoder.decode(new Frame().set(bytes, offset, length, length, linkType, 0));
    return new Decoded(packets, reasons(decoder));
  }

  /** Decodes bytes amid others, which must not count. */
  static Decoded amid(byte around, int linkType, byte[] frame, int length) {
    var bytes = new byte[frame.length + 200];
    Arrays.fill(bytes, around);
    System.arraycopy(frame, 0, bytes, 100, length);
    return of(linkType, bytes, 100, length);
  }

  static Map<Undecoded, Long> reasons(PacketDecoder decoder) {
    var reasons = new EnumMap<Undecoded, Long>(Undecoded.class);
    for (var reason : Undecoded.values()) {
      reasons.merge(reason, decoder.undecoded(reason), Long::sum);
    }
    return reasons.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** A transport header is told with its ports and data, anything else by its payload. */
  static String told(Packet packet) {
    var ends =
        address(packet, packet.sourceOffset()) + " " + address(packet, packet.destinationOffset());
    var kind = ends + " " + packet.protocol() + (packet.isFragment() ? " fragment" : "");
    return packet.isTcp() || packet.isUdp()
        ? "%s %d %d %s"
            .formatted(
                kind,
                packet.sourcePort(),
                packet.destinationPort(),
                hex(packet, packet.dataOffset(), packet.dataLength()))
        : kind + " " + hex(packet, packet.payloadOffset(), packet.payloadLength());
  }

  private static String address(Packet packet, int offset) {
    return AddressText.of(packet.bytes(), offset, packet.addressBytes());
  }

  private static String hex(Packet packet, int offset, int length) {
    return HexFormat.of().formatHex(packet.bytes(), offset, offset + length);
  }
}
