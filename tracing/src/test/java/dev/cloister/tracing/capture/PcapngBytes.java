package dev.cloister.tracing.capture;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes pcapng, block by block, in the byte order of the section it is in. */
final class PcapngBytes {
  static final int INTERFACE = 1;
  static final int OLD_PACKET = 2;
  static final int SIMPLE_PACKET = 3;
  static final int ENHANCED_PACKET = 6;
  static final int CUSTOM = 0xbad;

  private static final int SECTION = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int IF_TSRESOL = 9;
  private static final int IF_TSOFFSET = 14;
  private static final int ROOM = 1 << 17;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  PcapngBytes section(ByteOrder of) {
    order = of;
    return block(
        SECTION,
        body().putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1));
  }

  /** Begins a body; what is put into it is the block's, padded. */
  ByteBuffer body() {
    return ByteBuffer.allocate(ROOM).order(order);
  }

  PcapngBytes block(int type, ByteBuffer body) {
    var length = Math.ceilDiv(body.position(), 4) * 4;
    var block = ByteBuffer.allocate(12 + length).order(order);
    return raw(
        block.putInt(type).putInt(12 + length).put(body.slice(0, length)).putInt(12 + length));
  }

  /** Writes what was put into a buffer, be it a block or not. */
  PcapngBytes raw(ByteBuffer written) {
    var bytes = new byte[written.position()];
    written.get(0, bytes);
    out.writeBytes(bytes);
    return this;
  }

  PcapngBytes described(int linkType, int snapshotBytes) {
    return block(
        INTERFACE, body().putShort((short) linkType).putShort((short) 0).putInt(snapshotBytes));
  }

  PcapngBytes described(int linkType, int resolution, long offsetSeconds) {
    var body = body().putShort((short) linkType).putShort((short) 0).putInt(0);
    // Another option first: if_name, of three bytes.
    option(body, 2, 3).put(new byte[] {'e', 't', 'h', 0});
    option(body, IF_TSRESOL, 1).put(new byte[] {(byte) resolution, 0, 0, 0});
    option(body, IF_TSOFFSET, 8).putLong(offsetSeconds);
    return block(INTERFACE, option(body, 0, 0));
  }

  private static ByteBuffer option(ByteBuffer body, int code, int length) {
    return body.putShort((short) code).putShort((short) length);
  }

  PcapngBytes enhanced(int interfaceId, long units, byte[] data) {
    return enhanced(interfaceId, units, data, data.length);
  }

  PcapngBytes enhanced(int interfaceId, long units, byte[] data, int onTheWire) {
    return block(ENHANCED_PACKET, packet(body().putInt(interfaceId), units, data, onTheWire));
  }

  PcapngBytes old(int interfaceId, long units, byte[] data) {
    var body = body().putShort((short) interfaceId).putShort((short) 7);
    return block(OLD_PACKET, packet(body, units, data, data.length));
  }

  private static ByteBuffer packet(ByteBuffer body, long units, byte[] data, int onTheWire) {
    return body.putInt((int) (units >>> Integer.SIZE))
        .putInt((int) units)
        .putInt(data.length)
        .putInt(onTheWire)
        .put(data);
  }

  PcapngBytes simple(int onTheWire, byte[] data) {
    return block(SIMPLE_PACKET, body().putInt(onTheWire).put(data));
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  int length() {
    return out.size();
  }

  Path writeTo(Path file) throws IOException {
    return Files.write(file, bytes());
  }
}
