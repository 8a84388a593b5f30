package dev.cloister.tracing.tracer;

import dev.cloister.core.gate.Opening;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.FrameHandler;
import dev.cloister.tracing.capture.PacketSource;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Declares a link, in a lab, over which comes what the test feeds it: it does not wait. */
final class FedLink implements LabSource {
  private static final int ETHERNET = 1;
  private static final long WAIT_MILLIS = 50;

  private final BlockingQueue<Fed> queue = new LinkedBlockingQueue<>();
  private volatile boolean ended;

  private record Fed(List<byte[]> frames, long timeNanos) {}

  /** Lets frames come, all at one time. */
  void feed(List<byte[]> frames, Instant time) {
    queue.add(new Fed(frames, time.getEpochSecond() * 1_000_000_000L + time.getNano()));
  }

  /** Ends the link behind what was fed. */
  void end() {
    ended = true;
  }

  @Override
  public PacketSource open(Opening opening) {
    return new Open();
  }

  private final class Open implements PacketSource {
    private final Frame frame = new Frame();
    private volatile boolean stopped;
    private long bytesRead;

    /** Gives all that was fed at once, however little was asked for. */
    @Override
    public int poll(FrameHandler handler, int most) {
      var wasEnded = ended;
      var fed = stopped ? null : next();
      if (fed == null) {
        return stopped || wasEnded ? -1 : 0;
      }
      for (var bytes : fed.frames) {
        bytesRead += bytes.length;
        handler.frame(frame.set(bytes, 0, bytes.length, bytes.length, ETHERNET, fed.timeNanos));
      }
      return fed.frames.size();
    }

    private @Nullable Fed next() {
      try {
        return queue.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return null;
      }
    }

    @Override
    public boolean canWait() {
      return false;
    }

    @Override
    public long bytesRead() {
      return bytesRead;
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
