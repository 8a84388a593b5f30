package dev.cloister.tracing.tracer;

import dev.cloister.crypto.storage.SpillReader;
import dev.cloister.tracing.capture.Frame;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** How a frame stands in the spill store: its time, its length on the wire, its link, its bytes. */
final class StoredFrame {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final int WIRE_LENGTH = Long.BYTES;
  private static final int LINK_TYPE = WIRE_LENGTH + Integer.BYTES;
  private static final int HEAD_BYTES = LINK_TYPE + Integer.BYTES;

  private final byte[] head = new byte[HEAD_BYTES];
  private final Frame frame = new Frame();

  /** Returns what stands before a frame's bytes; valid until the next call. */
  byte[] head(Frame captured) {
    LONG.set(head, 0, captured.timeNanos());
    INT.set(head, WIRE_LENGTH, captured.wireLength());
    INT.set(head, LINK_TYPE, captured.linkType());
    return head;
  }

  /** Returns how long a frame is in the store. */
  static int sizeBytes(Frame captured) {
    return HEAD_BYTES + captured.length();
  }

  /** Returns the frame that a reader stands at; valid until the reader goes on. */
  Frame read(SpillReader reader) {
    var bytes = reader.bytes();
    var at = reader.offset();
    return frame.set(
        bytes,
        at + HEAD_BYTES,
        reader.length() - HEAD_BYTES,
        (int) INT.get(bytes, at + WIRE_LENGTH),
        (int) INT.get(bytes, at + LINK_TYPE),
        (long) LONG.get(bytes, at));
  }
}
