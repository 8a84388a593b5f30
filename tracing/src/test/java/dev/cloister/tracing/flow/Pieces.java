package dev.cloister.tracing.flow;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.packet.PacketDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gives fragments to a defragmenter, and keeps the payloads of what it puts together. */
final class Pieces {
  private static final int IPV4 = 228;
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int OPTIONS_BYTES = 2048;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int ICMP = 1;

  private final Defragmenter defragmenter;
  private final List<String> payloads = new ArrayList<>();
  private final PacketDecoder decoder;
  private long timeNanos = 1;

  Pieces(OverlapPolicy policy, boolean ipv6Overlaps) {
    this.defragmenter = new Defragmenter(policy, ipv6Overlaps);
    this.decoder =
        new PacketDecoder(packet -> {
          if (packet.isFragment() && defragmenter.accept(packet)) {
            payloads.add(payload());
          }
        });
  }

  /** One policy, and the rule for IPv6 that a tracer has. */
  static Pieces by(OverlapPolicy policy) {
    return new Pieces(policy, false);
  }

  private String payload() {
    var whole = defragmenter.datagram();
    var header = whole[0] >> 4 == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
    return new String(
        whole, header, defragmenter.datagramLength() - header, StandardCharsets.ISO_8859_1);
  }

  Pieces pass(Duration time) {
    timeNanos += time.toNanos();
    return this;
  }

  Pieces take(byte[] packet) {
    decoder.decode(new Frame().set(packet, 0, packet.length, packet.length, IPV4, timeNanos));
    return this;
  }

  Pieces takeAll(List<byte[]> packets) {
    packets.forEach(this::take);
    return this;
  }

  /** Returns the payloads of the datagrams that were put together, in order. */
  List<String> payloads() {
    return payloads;
  }

  Defragmenter defragmenter() {
    return defragmenter;
  }

  static byte[] text(String data) {
    return data.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A fragment of IPv4; where more follow is said, the data is not the last. */
  static byte[] ipv4(int identification, int offset, boolean isLast, byte[] data) {
    return ByteBuffer.allocate(IPV4_HEADER_BYTES + data.length)
        .putShort((short) 0x4500)
        .putShort((short) (IPV4_HEADER_BYTES + data.length))
        .putShort((short) identification)
        .putShort((short) (offset / 8 | (isLast ? 0 : 0x2000)))
        .putShort((short) (64 << Byte.SIZE | ICMP))
        .putShort((short) 0)
        .put(new byte[] {(byte) 192, 0, 2, 1})
        .put(new byte[] {(byte) 192, 0, 2, 2})
        .put(data)
        .array();
  }

  static byte[] ipv6(int identification, int offset, boolean isLast, byte[] data) {
    var address = new byte[16];
    Arrays.fill(address, (byte) 0x20);
    return ByteBuffer.allocate(IPV6_HEADER_BYTES + 8 + data.length)
        .putInt(0x60000000)
        .putShort((short) (8 + data.length))
        .put((byte) 44)
        .put((byte) 64)
        .put(address)
        .put(address)
        .put((byte) ICMP)
        .put((byte) 0)
        .putShort((short) (offset | (isLast ? 0 : 1)))
        .putInt(identification)
        .put(data)
        .array();
  }

  /** Puts headers of options of 2048 bytes each before the fragment header of a fragment. */
  static byte[] behindOptions(byte[] fragment, int headers) {
    var whole = ByteBuffer.allocate(fragment.length + headers * OPTIONS_BYTES);
    whole.put(fragment, 0, IPV6_HEADER_BYTES);
    whole.putShort(4, (short) (whole.capacity() - IPV6_HEADER_BYTES)).put(6, (byte) 60);
    for (var i = 1; i <= headers; i++) {
      whole.put((byte) (i == headers ? 44 : 60)).put((byte) (OPTIONS_BYTES / 8 - 1));
      whole.position(IPV6_HEADER_BYTES + i * OPTIONS_BYTES);
    }
    return whole.put(fragment, IPV6_HEADER_BYTES, fragment.length - IPV6_HEADER_BYTES).array();
  }
}
