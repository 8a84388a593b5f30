package dev.cloister.tracing.flow;

import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection that carried data. Positions count from the first byte after the
 * SYN, or from the first byte seen; they may be negative while a direction without a beginning
 * waits for it.
 */
final class Half {
  final Connection connection;
  final Direction direction;

  /** Whether position 0 is the byte after a SYN. */
  final boolean isFromSyn;

  /** Where the listener's position 0 is. */
  long origin;

  /** The position of the next byte to give, and its sequence number. */
  long next;

  int nextSequence;

  /** Whether nothing is given yet, because something may have come before it. */
  boolean holding;

  @Nullable Pending pending;
  int pendingBytes;

  /** Whether its connection is over, and what it still has is about to be given. */
  boolean isOver;

  /** Packets since the first hole was acknowledged by its receiver. */
  int acknowledgedFor;

  @Nullable History history;

  private @Nullable Gaps gaps;

  Half(Connection connection, Direction direction, boolean isFromSyn, int firstSequence) {
    this.connection = connection;
    this.direction = direction;
    this.isFromSyn = isFromSyn;
    this.nextSequence = firstSequence;
    this.holding = !isFromSyn;
  }

  /** Finds the position of a sequence number: the nearest one that it can mean. */
  long position(int sequence) {
    return next + (sequence - nextSequence);
  }

  boolean isWaiting() {
    return pending != null && !pending.isEmpty();
  }

  void advance(long bytes) {
    next += bytes;
    nextSequence += (int) bytes;
  }

  void addGap(long from, long to) {
    if (gaps == null) {
      gaps = new Gaps();
    }
    gaps.add(from, to);
  }

  /** Fills given-up holes with late bytes; returns how many were missing until now. */
  long fillGaps(long from, long to) {
    return gaps == null ? 0 : gaps.fill(from, to);
  }
}
