package dev.cloister.crypto.storage;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which segment takes the next block, and which has lost its last. No place in a segment is given
 * twice, so that under its key no nonce is used twice, whatever becomes of a write. Guarded by the
 * lock of its {@link Blocks}.
 */
final class Segments {
  private final int blocksEach;

  /** One for each drainer at work, in which that one alone places blocks. */
  private final @Nullable Segment[] current = new @Nullable Segment[Drainers.AT_ONCE];

  private long opened;

  /** Makes a segment's file and key. */
  interface Opener {
    Segment open(long number) throws IOException;
  }

  Segments(int blocksEach) {
    this.blocksEach = blocksEach;
  }

  long newNumber() {
    return opened++;
  }

  /** Lets a new segment take a drainer's next blocks. */
  void begin(Segment segment, int drainer) {
    current[drainer] = segment;
  }

  /** Lets a segment take no block any more: a new one must be made for the next. */
  void abandon(@Nullable Segment segment) {
    for (var i = 0; i < current.length; i++) {
      if (segment == current[i]) {
        current[i] = null;
      }
    }
  }

  /** Gives a block a place; null when a new segment must be made first. */
  @Nullable Segment place(Block block, int drainer) {
    var segment = current[drainer];
    if (segment == null || segment.placed == blocksEach) {
      return null;
    }
    block.segment = segment;
    block.index = segment.placed++;
    segment.live++;
    return segment;
  }

  /**
   * Takes a block out of its segment. With the last one the segment ends: it is added to those that
   * the caller closes.
   *
   * @return how many blocks of disk that gives back
   */
  int leave(Block block, List<Segment> ended) {
    var segment = block.segment;
    if (segment == null) {
      return 1; // It was promised a place, and never had one.
    }
    block.segment = null;
    segment.live--;
    if (segment.live > 0) {
      return 0;
    }
    abandon(segment);
    ended.add(segment);
    return segment.placed;
  }
}
