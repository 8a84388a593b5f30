package dev.cloister.tracing.tracer;

import dev.cloister.core.gate.Opening;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.FrameHandler;
import dev.cloister.tracing.capture.PacketSource;
import java.util.Iterator;

/**
 * Declares frames that are made while they are read, so that a flood of them takes no memory.
 *
 * @param frames Ethernet frames, a microsecond apart; read once
 */
record FrameStream(Iterator<byte[]> frames) implements LabSource {
  private static final long STEP_NANOS = 1000;

  @Override
  public PacketSource open(Opening opening) {
    return new Open();
  }

  private final class Open implements PacketSource {
    private final Frame frame = new Frame();
    private long timeNanos = 1_700_000_000_000_000_000L;
    private long bytesRead;

    @Override
    public int poll(FrameHandler handler, int most) {
      var given = 0;
      while (given < most && frames.hasNext()) {
        var bytes = frames.next();
        timeNanos += STEP_NANOS;
        handler.frame(frame.set(bytes, 0, bytes.length, bytes.length, 1, timeNanos));
        bytesRead += bytes.length;
        given++;
      }
      return given > 0 ? given : -1;
    }

    @Override
    public boolean canWait() {
      return true;
    }

    @Override
    public long bytesRead() {
      return bytesRead;
    }

    @Override
    public void stop() {}

    @Override
    public void close() {}
  }
}
