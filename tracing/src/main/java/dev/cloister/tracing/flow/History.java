package dev.cloister.tracing.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last bytes of a direction that were given to the listener, to compare later copies with:
 * pages that are lent by a pool, so that remembering makes no garbage.
 */
final class History {
  private static final int PAGE_BITS = 12;
  static final int PAGE_BYTES = 1 << PAGE_BITS;

  /** The direction whose past this is. */
  final Half half;

  private final Pool pool;
  private @Nullable History older;
  private @Nullable History newer;
  private long listedAt;

  /**
   * The pages from {@link #firstPage} on; a page's number is its position divided by its size and
   * rounded down, for what stood before the first packet has a negative one.
   */
  private final List<byte[]> pages = new ArrayList<>(2);

  private long firstPage;

  /** What is held: positions. */
  private long start;

  private long end;

  /** The pages that nobody uses, and the histories that use the others, longest silent first. */
  static final class Pool {
    private static final long LIST_GRAIN_NANOS = 250_000_000L;

    private final Deque<byte[]> spare = new ArrayDeque<>();
    private final int pagesMax;
    private int lent;
    private @Nullable History oldest;
    private @Nullable History newest;

    Pool(long bytesMax) {
      this.pagesMax = (int) Math.min(Integer.MAX_VALUE, bytesMax / PAGE_BYTES);
    }

    long lentBytes() {
      return (long) lent << PAGE_BITS;
    }

    boolean isOverdrawn() {
      return lent > pagesMax;
    }

    /** Returns the history that was silent for the longest, if there is one. */
    @Nullable History oldest() {
      return oldest;
    }

    private void addLast(History history, long now) {
      history.listedAt = now;
      history.older = newest;
      history.newer = null;
      if (newest == null) {
        oldest = history;
      } else {
        newest.newer = history;
      }
      newest = history;
    }

    private void remove(History history) {
      var before = history.older;
      var after = history.newer;
      if (before == null) {
        oldest = after;
      } else {
        before.newer = after;
      }
      if (after == null) {
        newest = before;
      } else {
        after.older = before;
      }
    }

    private byte[] lend() {
      lent++;
      var page = spare.pollLast();
      return page != null ? page : new byte[PAGE_BYTES];
    }

    private void takeBack(byte[] page) {
      lent--;
      if (lent + spare.size() <= pagesMax) {
        spare.addLast(page);
      }
    }
  }

  History(Half half, Pool pool, long now) {
    this.half = half;
    this.pool = pool;
    pool.addLast(this, now);
  }

  /** Says that its direction spoke. */
  void touch(long now) {
    if (now - listedAt > Pool.LIST_GRAIN_NANOS) {
      pool.remove(this);
      pool.addLast(this, now);
    }
  }

  /** Remembers bytes that stand at a position, and forgets what lies too far behind. */
  void append(long position, byte[] bytes, int offset, int length, int bytesMax) {
    if (position != end) {
      skipTo(position);
    }
    var at = position;
    var stop = position + length;
    while (at < stop) {
      var page = page(at >> PAGE_BITS, bytesMax >> PAGE_BITS);
      var in = (int) (at & (PAGE_BYTES - 1));
      var piece = (int) Math.min(stop - at, PAGE_BYTES - in);
      System.arraycopy(bytes, offset + (int) (at - position), page, in, piece);
      at += piece;
    }
    end = stop;
    start = Math.max(start, firstPage << PAGE_BITS);
  }

  /** Forgets all, since a gap lies before the position where it goes on. */
  void skipTo(long position) {
    clear();
    start = position;
    end = position;
    firstPage = position >> PAGE_BITS;
  }

  /** Returns a page, which is the last one or the one behind it. */
  private byte[] page(long number, int pagesMax) {
    if (number == firstPage + pages.size()) {
      if (pages.size() == pagesMax) {
        pool.takeBack(pages.removeFirst());
        firstPage++;
      }
      pages.add(pool.lend());
    }
    return pages.get((int) (number - firstPage));
  }

  /** Returns the first position that can be compared. */
  long start() {
    return start;
  }

  /** Counts the bytes that differ; all positions must be held. */
  int differing(long position, byte[] bytes, int offset, int length) {
    var differing = 0;
    var at = position;
    var stop = position + length;
    while (at < stop) {
      var page = pages.get((int) ((at >> PAGE_BITS) - firstPage));
      var in = (int) (at & (PAGE_BYTES - 1));
      var piece = (int) Math.min(stop - at, PAGE_BYTES - in);
      var from = offset + (int) (at - position);
      if (!Arrays.equals(page, in, in + piece, bytes, from, from + piece)) {
        for (var i = 0; i < piece; i++) {
          differing += page[in + i] == bytes[from + i] ? 0 : 1;
        }
      }
      at += piece;
    }
    return differing;
  }

  /** Gives every page back, and is no history any more. */
  void end() {
    clear();
    pool.remove(this);
  }

  private void clear() {
    pages.forEach(pool::takeBack);
    pages.clear();
  }
}
