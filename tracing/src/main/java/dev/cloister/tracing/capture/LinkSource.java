package dev.cloister.tracing.capture;

import dev.cloister.core.internal.os.PacketRing;
import dev.cloister.core.internal.os.PacketRing.Link;
import dev.cloister.core.internal.os.RingBlock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Gives what comes over a link. Blocks of the ring are copied into one array of the heap, so that
 * the kernel has each back at once; a frame is a view of that array.
 */
final class LinkSource implements PacketSource {
  /** How long a poll waits; so long a stop or an interruption may go unheard. */
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** After the end of the interface its last block must still be due. */
  private static final int LAST_WAITS = 20;

  private final PacketRing ring;
  private final LinkLedger ledger;
  private final int linkType;
  private final int snapBytes;
  private final RingBlock block;
  private final Frame frame = new Frame();
  private volatile boolean stopped;

  // The thread's that polls.
  private boolean hasNext;
  private long given;
  private long bytesGiven;
  private int waitsAfterTheEnd;
  private boolean isOver;
  private volatile boolean isRemoved;

  LinkSource(PacketRing ring, LinkLedger ledger, int linkType, int snapBytes, int blockBytes) {
    this.ring = ring;
    this.ledger = ledger;
    this.linkType = linkType;
    this.snapBytes = snapBytes;
    this.block = new RingBlock(blockBytes);
  }

  @Override
  public int poll(FrameHandler handler, int most) {
    if (!stopped && !isOver && !goOn()) {
      ring.await(WAIT_NANOS);
    }
    if (stopped || isOver) {
      return end();
    }
    var count = 0;
    while (count < most && !stopped && goOn()) {
      count++;
      give(handler);
    }
    return count == 0 && !stopped && isGone() ? end() : count;
  }

  /** Goes to the next frame, unless it stands at one that was not given yet. */
  private boolean goOn() {
    if (!hasNext) {
      hasNext = block.next();
    }
    while (!hasNext && ring.take(block)) {
      ledger.dropped(ring.seen().dropped());
      hasNext = block.next();
    }
    return hasNext;
  }

  private void give(FrameHandler handler) {
    hasNext = false;
    given++;
    var length = Math.min(block.length(), snapBytes);
    bytesGiven += length;
    handler.frame(
        frame.set(
            block.bytes(),
            block.offset(),
            length,
            block.wireLength(),
            linkType,
            block.timeNanos()));
  }

  /** Looks at a quiet link: tells whether nothing will come any more. */
  private boolean isGone() {
    var link = ring.link();
    ledger.link(link);
    var seen = ring.seen();
    ledger.dropped(seen.dropped());
    if (link != Link.GONE) {
      return false;
    }
    isRemoved = true;
    waitsAfterTheEnd++;
    return given == seen.frames() - seen.dropped() || waitsAfterTheEnd > LAST_WAITS;
  }

  /** Accounts, once, for what was not given. */
  private int end() {
    if (!isOver) {
      isOver = true;
      var seen = ring.seen();
      ledger.dropped(seen.dropped());
      ledger.unread(Math.max(0, seen.frames() - seen.dropped() - given));
    }
    return -1;
  }

  @Override
  public Optional<Damage> damage() {
    return isRemoved
        ? Optional.of(new Damage(bytesGiven, "the interface was removed"))
        : Optional.empty();
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
    ring.close();
  }
}
