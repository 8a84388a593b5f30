package dev.cloister.tracing.packet;

/**
 * The packets that a switch sampled and sent on in sFlow datagrams: the first bytes of each, as its
 * collector would see them. Source: the sFlow version 5 specification, sections 5.3 and 5.4.
 */
final class SflowSamples {
  private static final int PORT = 6343;
  private static final int VERSION = 5;

  private static final int FLOW_SAMPLE = 1;
  private static final int EXPANDED_FLOW_SAMPLE = 3;
  private static final int RAW_PACKET_HEADER = 1;

  private SflowSamples() {}

  static boolean isSflow(Packet packet) {
    return packet.destinationPort() == PORT
        && packet.dataLength() >= 28
        && Packet.int32(packet.bytes, packet.data) == VERSION;
  }

  static void decode(Packet packet, PacketDecoder decoder) {
    var bytes = packet.bytes;
    var end = packet.data + packet.dataLength;
    var agentBytes = Packet.int32(bytes, packet.data + 4) == 2 ? 16 : 4;
    // Version, address type, address, sub-agent, sequence, uptime, number of samples.
    var at = packet.data + 8 + agentBytes + 16;
    while (end - at >= 8) {
      var format = Packet.int32(bytes, at);
      var length = Packet.int32(bytes, at + 4);
      at += 8;
      if (length < 0 || length > end - at) {
        return;
      }
      if (format == FLOW_SAMPLE) {
        records(packet, at + 28, at + length, decoder);
      } else if (format == EXPANDED_FLOW_SAMPLE) {
        records(packet, at + 40, at + length, decoder);
      }
      at += length;
    }
  }

  private static void records(Packet packet, int from, int end, PacketDecoder decoder) {
    var bytes = packet.bytes;
    // The number of records, then the records.
    var at = from + 4;
    while (end - at >= 8) {
      var format = Packet.int32(bytes, at);
      var length = Packet.int32(bytes, at + 4);
      at += 8;
      if (length < 0 || length > end - at) {
        return;
      }
      if (format == RAW_PACKET_HEADER && length >= 16) {
        header(packet, at, at + length, decoder);
      }
      at += length;
    }
  }

  private static void header(Packet packet, int at, int end, PacketDecoder decoder) {
    var bytes = packet.bytes;
    var sampled = Packet.int32(bytes, at + 12);
    var from = at + 16;
    if (sampled < 0 || sampled > end - from) {
      return;
    }
    switch (Packet.int32(bytes, at)) {
      case 1 -> decoder.decodeLink(bytes, from, from + sampled, 1, packet.timeNanos);
      case 11, 12 -> decoder.decodeIp(bytes, from, from + sampled, packet.timeNanos);
      default -> {}
    }
  }
}
