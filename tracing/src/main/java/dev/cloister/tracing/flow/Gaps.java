package dev.cloister.tracing.flow;

/**
 * The last holes of a direction that were given up, for bytes that come late. A few at most, since
 * whoever sends the packets makes as many as they like.
 */
final class Gaps {
  static final int MAX = 4;

  /** Positions in pairs, from and to, in order. */
  private final long[] bounds = new long[2 * MAX];

  private int count;

  int count() {
    return count;
  }

  /** Adds a hole behind all others; the first is forgotten where there are too many. */
  void add(long from, long to) {
    if (count == MAX) {
      remove(0);
    }
    bounds[2 * count] = from;
    bounds[2 * count + 1] = to;
    count++;
  }

  /** Fills holes with late bytes; returns how many were missing until now. */
  long fill(long from, long to) {
    var filled = 0L;
    for (var i = count - 1; i >= 0; i--) {
      var start = Math.max(from, bounds[2 * i]);
      var end = Math.min(to, bounds[2 * i + 1]);
      if (start < end) {
        filled += end - start;
        cut(i, start, end);
      }
    }
    return filled;
  }

  /** Takes a piece out of a hole; what stays before it is forgotten where there are too many. */
  private void cut(int index, long start, long end) {
    var from = bounds[2 * index];
    var to = bounds[2 * index + 1];
    if (from < start && end < to && count < MAX) {
      System.arraycopy(bounds, 2 * index, bounds, 2 * index + 2, 2 * (count - index));
      bounds[2 * index + 1] = start;
      bounds[2 * index + 2] = end;
      count++;
    } else if (end < to) {
      bounds[2 * index] = end;
    } else if (from < start) {
      bounds[2 * index + 1] = start;
    } else {
      remove(index);
    }
  }

  private void remove(int index) {
    count--;
    System.arraycopy(bounds, 2 * index + 2, bounds, 2 * index, 2 * (count - index));
  }
}
