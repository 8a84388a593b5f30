package dev.cloister.tracing.tracer;

import dev.cloister.crypto.storage.SpillReader;
import dev.cloister.tracing.capture.Frame;
import java.nio.ByteBuffer;

/** How a frame stands in the spill store: its time, its length on the wire, its link, its bytes. */
final class StoredFrame {
  private static final int HEAD_BYTES = Long.BYTES + 2 * Integer.BYTES;

  private final byte[] head = new byte[HEAD_BYTES];
  private final Frame frame = new Frame();

  /** Returns what stands before a frame's bytes; valid until the next call. */
  byte[] head(Frame captured) {
    ByteBuffer.wrap(head)
        .putLong(captured.timeNanos())
        .putInt(captured.wireLength())
        .putInt(captured.linkType());
    return head;
  }

  /** Returns how long a frame is in the store. */
  static int sizeBytes(Frame captured) {
    return HEAD_BYTES + captured.length();
  }

  /** Returns the frame that a reader stands at; valid until the reader goes on. */
  Frame read(SpillReader reader) {
    var stored = ByteBuffer.wrap(reader.bytes(), reader.offset(), reader.length());
    var time = stored.getLong();
    var wireLength = stored.getInt();
    var linkType = stored.getInt();
    return frame.set(
        reader.bytes(),
        reader.offset() + HEAD_BYTES,
        reader.length() - HEAD_BYTES,
        wireLength,
        linkType,
        time);
  }
}
