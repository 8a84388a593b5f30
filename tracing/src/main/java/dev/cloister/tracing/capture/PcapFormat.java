package dev.cloister.tracing.capture;

import dev.cloister.tracing.capture.CaptureFile.Damaged;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The classic format: a header of 24 bytes, then records. Source: draft-ietf-opsawg-pcap; the
 * variant with longer record headers is Alexey Kuznetzov's.
 */
final class PcapFormat implements CaptureFile.Format {
  private static final int HEADER_BYTES = 24;
  private static final int RECORD_HEADER_BYTES = 16;
  private static final int LONG_RECORD_HEADER_BYTES = 24;

  private static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;
  private static final int LONG_RECORDS = 0xa1b2cd34;

  /** What libpcap calls the largest snapshot; a file may declare a larger one, up to the window. */
  private static final int SNAPSHOT_BYTES_MAX = 262_144;

  private final FileWindow window;
  private final Bytes order;
  private final int nanosPerFraction;
  private final int recordHeaderBytes;
  private final int linkType;
  private final int snapshotBytes;

  private PcapFormat(FileWindow window, Bytes order, int magic) {
    this.window = window;
    this.order = order;
    this.nanosPerFraction = magic == NANOSECONDS ? 1 : 1000;
    this.recordHeaderBytes = magic == LONG_RECORDS ? LONG_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
    var snapshot = order.uint32(window.bytes(), window.position() + 16);
    this.snapshotBytes = Math.clamp(snapshot, SNAPSHOT_BYTES_MAX, FileWindow.BYTES_MAX / 2);
    // The upper bits tell of a frame check sequence.
    this.linkType = order.int32(window.bytes(), window.position() + 20) & 0xffff;
    window.skip(HEADER_BYTES);
  }

  /** Returns null when the magic number is not one of this format. */
  static @Nullable PcapFormat of(Path file, int magicBig, FileWindow window) throws IOException {
    var isBig = isMagic(magicBig);
    var magic = isBig ? magicBig : Integer.reverseBytes(magicBig);
    if (!isMagic(magic)) {
      return null;
    }
    if (!window.need(HEADER_BYTES)) {
      throw new NotACapture(
          "%s is cut off at byte %d: the header of a pcap file has %d"
              .formatted(file, window.available(), HEADER_BYTES));
    }
    return new PcapFormat(
        window, new Bytes(isBig ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN), magic);
  }

  private static boolean isMagic(int magic) {
    return magic == MICROSECONDS || magic == NANOSECONDS || magic == LONG_RECORDS;
  }

  @Override
  public boolean next(Frame into) throws IOException, Damaged {
    if (!window.need(recordHeaderBytes)) {
      if (window.available() == 0) {
        return false;
      }
      throw new Damaged(window.offset(), "a record header is cut off");
    }
    var bytes = window.bytes();
    var at = window.position();
    var captured = order.uint32(bytes, at + 8);
    if (captured > snapshotBytes) {
      throw new Damaged(
          window.offset(),
          "a record of " + captured + " bytes: allowed are at most " + snapshotBytes);
    }
    var length = (int) captured;
    if (!window.need(recordHeaderBytes + length)) {
      throw new Damaged(
          window.offset(), "a record of " + length + " bytes is cut off by the end of the file");
    }
    bytes = window.bytes();
    at = window.position();
    var seconds = order.uint32(bytes, at);
    var fraction = order.uint32(bytes, at + 4);
    var onTheWire = Math.max(order.uint32(bytes, at + 12), captured);
    into.set(
        bytes,
        at + recordHeaderBytes,
        length,
        (int) Math.min(onTheWire, Integer.MAX_VALUE),
        linkType,
        seconds * 1_000_000_000L + fraction * nanosPerFraction);
    window.skip(recordHeaderBytes + length);
    return true;
  }
}
