package dev.cloister.tracing.capture;

import dev.cloister.tracing.capture.CaptureFile.Damaged;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The next generation: blocks, in sections that each have a byte order and interfaces of their own.
 * Blocks that hold nothing captured are passed over; what custom blocks and journal entries hold is
 * given as frames of no link, so that nothing is passed over in silence. Source:
 * draft-ietf-opsawg-pcapng.
 */
final class PcapngFormat implements CaptureFile.Format {
  private static final int SECTION = 0x0a0d0d0a;
  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int JOURNAL = 9;
  private static final int CUSTOM = 0xbad;
  private static final int CUSTOM_NOT_TO_COPY = 0x40000bad;

  private static final int PRIVATE_NUMBER_BYTES = 4;

  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int BLOCK_BYTES_MIN = 12;

  /** So many interfaces no section has, but one that is meant to fill memory. */
  private static final int INTERFACES_MAX = 65_536;

  private final FileWindow window;
  private Bytes order = new Bytes(ByteOrder.LITTLE_ENDIAN);
  private final List<Interface> interfaces = new ArrayList<>();

  /** What an interface description says of its packets. */
  private record Interface(int linkType, long snapshotBytes, Clock clock) {}

  /**
   * How an interface counts time.
   *
   * @param resolution if_tsresol: a power of ten, or with the highest bit of two
   * @param offsetSeconds if_tsoffset
   */
  private record Clock(int resolution, long offsetSeconds) {
    private static final long NANOS = 1_000_000_000L;

    long nanos(long units) {
      var exponent = resolution & 0x7f;
      var base = resolution < 0x80 ? decimal(units, exponent) : binary(units, exponent);
      return base + offsetSeconds * NANOS;
    }

    private static long decimal(long units, int exponent) {
      var nanos = units;
      for (var e = exponent; e < 9; e++) {
        nanos *= 10;
      }
      for (var e = 9; e < Math.min(exponent, 29); e++) {
        nanos = Long.divideUnsigned(nanos, 10);
      }
      return nanos;
    }

    private static long binary(long units, int exponent) {
      if (exponent > 63) {
        return Math.unsignedMultiplyHigh(units, NANOS) >>> Math.min(exponent - 64, 63);
      }
      var seconds = units >>> exponent;
      var fraction = units & ((1L << exponent) - 1);
      return seconds * NANOS + Math.multiplyHigh(fraction << (63 - exponent), 2 * NANOS);
    }
  }

  PcapngFormat(FileWindow window) {
    this.window = window;
  }

  @Override
  public boolean next(Frame into) throws IOException, Damaged {
    while (window.need(Integer.BYTES * 2)) {
      var at = window.position();
      if (Bytes.intBig(window.bytes(), at) == SECTION) {
        beginSection();
      }
      var type = order.int32(window.bytes(), window.position());
      var length = blockLength();
      var body = window.position() + 8;
      var end = window.position() + length - 4;
      var given = read(type, body, end, into);
      window.skip(length);
      if (given) {
        return true;
      }
    }
    if (window.available() > 0) {
      throw new Damaged(window.offset(), "a block header is cut off");
    }
    return false;
  }

  private void beginSection() throws IOException, Damaged {
    if (!window.need(BLOCK_BYTES_MIN)) {
      throw new Damaged(window.offset(), "a section header is cut off");
    }
    var magic = Bytes.intBig(window.bytes(), window.position() + 8);
    if (magic == BYTE_ORDER_MAGIC) {
      order = new Bytes(ByteOrder.BIG_ENDIAN);
    } else if (magic == Integer.reverseBytes(BYTE_ORDER_MAGIC)) {
      order = new Bytes(ByteOrder.LITTLE_ENDIAN);
    } else {
      throw new Damaged(
          window.offset() + 8, "byte-order magic %08x: must be 1a2b3c4d".formatted(magic));
    }
    interfaces.clear();
  }

  private int blockLength() throws IOException, Damaged {
    var length = order.uint32(window.bytes(), window.position() + 4);
    if (length < BLOCK_BYTES_MIN || length > FileWindow.BYTES_MAX || length % 4 != 0) {
      throw new Damaged(
          window.offset() + 4,
          "a block of %d bytes: allowed are multiples of 4 from 12 to %d"
              .formatted(length, FileWindow.BYTES_MAX));
    }
    var size = (int) length;
    if (!window.need(size)) {
      throw new Damaged(
          window.offset(), "a block of " + size + " bytes is cut off by the end of the file");
    }
    var again = order.uint32(window.bytes(), window.position() + size - 4);
    if (again != length) {
      throw new Damaged(
          window.offset() + size - 4, "a block of " + length + " bytes ends as one of " + again);
    }
    return size;
  }

  private boolean read(int type, int body, int end, Frame into) throws Damaged {
    return switch (type) {
      case INTERFACE -> {
        addInterface(body, end);
        yield false;
      }
      case ENHANCED_PACKET -> {
        checkBody(body, end, 20);
        yield packet(order.uint32(window.bytes(), body), body + 4, end, into);
      }
      case OLD_PACKET -> {
        checkBody(body, end, 20);
        yield packet(order.uint16(window.bytes(), body), body + 4, end, into);
      }
      case SIMPLE_PACKET -> simple(body, end, into);
      case CUSTOM, CUSTOM_NOT_TO_COPY -> {
        checkBody(body, end, PRIVATE_NUMBER_BYTES);
        yield unknown(body + PRIVATE_NUMBER_BYTES, end, into);
      }
      case JOURNAL -> unknown(body, end, into);
      default -> false;
    };
  }

  private void checkBody(int body, int end, int least) throws Damaged {
    if (end - body < least) {
      throw new Damaged(window.offset(), "a block's body is shorter than its fields");
    }
  }

  private void addInterface(int body, int end) throws Damaged {
    checkBody(body, end, 8);
    if (interfaces.size() == INTERFACES_MAX) {
      throw new Damaged(window.offset(), "more than " + INTERFACES_MAX + " interfaces");
    }
    var bytes = window.bytes();
    interfaces.add(
        new Interface(
            order.uint16(bytes, body), order.uint32(bytes, body + 4), clock(body + 8, end)));
  }

  private Clock clock(int options, int end) {
    var resolution = 6;
    var offset = 0L;
    for (var at = options; at + 4 <= end; ) {
      var code = order.uint16(window.bytes(), at);
      var length = order.uint16(window.bytes(), at + 2);
      if (code == 0 || at + 4 + length > end) {
        break;
      }
      if (code == 9 && length == 1) {
        resolution = Byte.toUnsignedInt(window.bytes()[at + 4]);
      } else if (code == 14 && length == 8) {
        offset = int64(at + 4);
      }
      at += 4 + Math.ceilDiv(length, 4) * 4;
    }
    return new Clock(resolution, offset);
  }

  private long int64(int at) {
    var first = order.uint32(window.bytes(), at);
    var second = order.uint32(window.bytes(), at + 4);
    return order.isBigEndian() ? first << Integer.SIZE | second : second << Integer.SIZE | first;
  }

  /** Reads what enhanced and old packets have in common, from their time on. */
  private boolean packet(long interfaceId, int time, int end, Frame into) throws Damaged {
    if (interfaceId >= interfaces.size()) {
      throw new Damaged(
          window.offset() + 8,
          "interface %d: the section has described %d".formatted(interfaceId, interfaces.size()));
    }
    var described = interfaces.get((int) interfaceId);
    var bytes = window.bytes();
    // The high half comes first in either byte order.
    var units = order.uint32(bytes, time) << Integer.SIZE | order.uint32(bytes, time + 4);
    var captured = order.uint32(bytes, time + 8);
    var onTheWire = order.uint32(bytes, time + 12);
    var data = time + 16;
    if (captured > end - data) {
      throw new Damaged(
          window.offset(),
          "a packet of %d bytes in a block with room for %d".formatted(captured, end - data));
    }
    give(into, data, captured, onTheWire, described.linkType(), described.clock().nanos(units));
    return true;
  }

  private boolean simple(int body, int end, Frame into) throws Damaged {
    checkBody(body, end, 4);
    if (interfaces.isEmpty()) {
      throw new Damaged(window.offset(), "a simple packet before any interface");
    }
    var described = interfaces.getFirst();
    var onTheWire = order.uint32(window.bytes(), body);
    var captured = Math.min(onTheWire, end - body - 4L);
    if (described.snapshotBytes() > 0) {
      captured = Math.min(captured, described.snapshotBytes());
    }
    // It has no time.
    give(into, body + 4, captured, onTheWire, described.linkType(), 0);
    return true;
  }

  /** Whatever it holds, it was captured: it is given as a frame that nobody can decode. */
  private boolean unknown(int data, int end, Frame into) {
    give(into, data, end - data, end - data, Frame.NO_LINK, 0);
    return true;
  }

  private void give(Frame into, int data, long captured, long onTheWire, int linkType, long nanos) {
    into.set(
        window.bytes(),
        data,
        (int) captured,
        (int) Math.min(Math.max(onTheWire, captured), Integer.MAX_VALUE),
        linkType,
        nanos);
  }
}
