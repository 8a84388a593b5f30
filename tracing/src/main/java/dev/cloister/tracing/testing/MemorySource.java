package dev.cloister.tracing.testing;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.FrameHandler;
import dev.cloister.tracing.capture.PacketSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Declares frames in memory as the input of a context, in lab mode alone. Each comes a millisecond
 * after the one before, in a view whose bytes are overwritten when its callback has returned.
 *
 * @param frames Ethernet frames, in order
 * @param startNanos when the first comes, in nanoseconds since 1970-01-01T00:00:00Z
 */
public record MemorySource(List<byte[]> frames, long startNanos)
    implements Declaration<PacketSource> {
  private static final long STEP_NANOS = 1_000_000;
  private static final byte POISON = (byte) 0xde;

  /** Keeps a copy of the list; the arrays are not changed. */
  public MemorySource {
    frames = List.copyOf(frames);
  }

  /**
   * Declares frames.
   *
   * @param frames Ethernet frames, in order
   * @return the declaration
   */
  public static MemorySource of(List<byte[]> frames) {
    return new MemorySource(frames, 1_700_000_000_000_000_000L);
  }

  @Override
  public String name() {
    return "capture";
  }

  @Override
  public void describe(Description into) {
    into.put("source", "memory");
  }

  @Override
  public Collection<? extends Counter> counters() {
    return List.copyOf(Arrays.asList(TraceCounter.values()));
  }

  @Override
  public boolean runsIn(Mode mode) {
    return mode == Mode.LAB;
  }

  @Override
  public PacketSource open(Opening opening) {
    return open();
  }

  /**
   * Opens the frames outside any context.
   *
   * @return a source that the caller closes
   */
  public PacketSource open() {
    return new Open();
  }

  private final class Open implements PacketSource {
    private final Frame frame = new Frame();
    private volatile boolean stopped;
    private int next;
    private long bytesRead;

    @Override
    public int poll(FrameHandler handler, int most) {
      var given = 0;
      while (given < most) {
        if (stopped || next == frames.size()) {
          return given > 0 ? given : -1;
        }
        given++;
        give(handler);
      }
      return given;
    }

    private void give(FrameHandler handler) {
      var view = frames.get(next).clone();
      var time = startNanos + next * STEP_NANOS;
      bytesRead += view.length;
      next++;
      try {
        handler.frame(frame.set(view, 0, view.length, view.length, 1, time));
      } finally {
        Arrays.fill(view, POISON);
      }
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
    public long bytesTotal() {
      return frames.stream().mapToLong(bytes -> bytes.length).sum();
    }

    @Override
    public void stop() {
      stopped = true;
    }

    @Override
    public void close() {
      stopped = true;
    }
  }
}
