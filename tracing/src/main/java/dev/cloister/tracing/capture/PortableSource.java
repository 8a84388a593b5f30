package dev.cloister.tracing.capture;

import dev.cloister.core.internal.os.PacketRing.Link;
import dev.cloister.core.internal.os.PcapHandle;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Gives what libpcap gives, which copies each frame once more. */
final class PortableSource implements PacketSource {
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** So often it is asked again for what it still holds of an interface that failed. */
  private static final int LAST_WAITS = 25;

  private final PcapHandle handle;
  private final LinkLedger ledger;
  private final long bufferBytes;
  private final Frame frame = new Frame();
  private volatile boolean stopped;

  // The thread's that polls.
  private long bytesGiven;
  private int waitsAfterTheEnd;
  private boolean isOver;
  private volatile Optional<String> failure = Optional.empty();

  PortableSource(PcapHandle handle, LinkLedger ledger, long bufferBytes) {
    this.handle = handle;
    this.ledger = ledger;
    this.bufferBytes = bufferBytes;
  }

  @Override
  public int poll(FrameHandler handler, int most) {
    if (stopped || isOver) {
      return end();
    }
    var count = 0;
    do {
      while (count < most && !stopped && goOn()) {
        count++;
        give(handler);
      }
      if (count == 0) {
        LockSupport.parkNanos(WAIT_NANOS);
      }
    } while (count == 0 && !stopped && mayHoldMore());
    ledger.dropped(handle.dropped());
    return count == 0 && !stopped && failure.isPresent() ? end() : count;
  }

  /** Tells whether it is worth asking an interface that failed for what is still held of it. */
  private boolean mayHoldMore() {
    return failure.isPresent() && waitsAfterTheEnd++ < LAST_WAITS;
  }

  private boolean goOn() {
    try {
      return handle.next();
    } catch (IOException e) {
      if (failure.isEmpty()) {
        failure = Optional.of(String.valueOf(e.getMessage()));
      }
      return false;
    }
  }

  private void give(FrameHandler handler) {
    var length = handle.length();
    bytesGiven += length;
    handler.frame(
        frame.set(
            handle.bytes(), 0, length, handle.wireLength(), handle.linkType(), handle.timeNanos()));
  }

  /** Accounts, once, for what was not given. */
  private int end() {
    if (!isOver) {
      isOver = true;
      var unread = 0L;
      // What comes meanwhile is no matter of this capture, which is over.
      for (var bytes = 0L; bytes < bufferBytes && goOn(); bytes += handle.length()) {
        unread++;
      }
      ledger.dropped(handle.dropped());
      ledger.unread(unread);
      if (failure.isPresent()) {
        ledger.link(Link.GONE);
      }
    }
    return -1;
  }

  @Override
  public Optional<Damage> damage() {
    return failure.map(words -> new Damage(bytesGiven, "the capture ended: " + words));
  }

  @Override
  public boolean canWait() {
    return false;
  }

  @Override
  public long bytesRead() {
    return bytesGiven;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void close() {
    stopped = true;
    handle.close();
  }
}
