package dev.cloister.sandbox.vaultfs;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which runs of a medium are free: of {@link #SMALLEST_BYTES} to {@link #LARGEST_BYTES}, each twice
 * the one before, each at a multiple of its length, so that two free halves become a whole again.
 * The lowest that is long enough is taken, so that what is used stays together, and the end comes
 * down. Guarded by its {@link BlockStore}.
 */
final class Space {
  static final int SMALLEST_BYTES = 4 << 10;
  static final int LARGEST_BYTES = 64 << 10;

  private static final int LARGEST = order(LARGEST_BYTES);

  /** By the logarithm of their length over the smallest. */
  private final List<NavigableSet<Long>> free = new ArrayList<>();

  /** A multiple of the largest; nothing beyond was taken. */
  private long end;

  Space() {
    for (var order = 0; order <= LARGEST; order++) {
      free.add(new TreeSet<>());
    }
  }

  /** How long a run must be to hold so many bytes, of which there are at most the largest. */
  static int runBytes(int bytes) {
    return Math.max(SMALLEST_BYTES, Integer.highestOneBit(2 * bytes - 1));
  }

  private static int order(int runBytes) {
    return Integer.numberOfTrailingZeros(runBytes / SMALLEST_BYTES);
  }

  /** Takes a run; returns its position. */
  long take(int runBytes) {
    var wanted = order(runBytes);
    var order = wanted;
    while (order <= LARGEST && free.get(order).isEmpty()) {
      order++;
    }
    long position;
    if (order > LARGEST) {
      order = LARGEST;
      position = end;
      end += LARGEST_BYTES;
    } else {
      position = free.get(order).removeFirst();
    }
    while (order > wanted) {
      order--;
      free.get(order).add(position + ((long) SMALLEST_BYTES << order));
    }
    return position;
  }

  /** Gives a run back. */
  void give(long position, int runBytes) {
    var order = order(runBytes);
    var at = position;
    while (order < LARGEST) {
      var length = (long) SMALLEST_BYTES << order;
      if (!free.get(order).remove(at ^ length)) {
        break;
      }
      at &= ~length;
      order++;
    }
    free.get(order).add(at);
  }

  /** How many bytes at the end are free. */
  long freeAtTheEnd() {
    var at = end;
    for (var run : free.get(LARGEST).descendingSet()) {
      if (run != at - LARGEST_BYTES) {
        break;
      }
      at = run;
    }
    return end - at;
  }

  /** Takes off what is free at the end; returns the new end. */
  long trim() {
    var whole = free.get(LARGEST);
    while (whole.remove(end - LARGEST_BYTES)) {
      end -= LARGEST_BYTES;
    }
    return end;
  }

  /** Where what was ever taken, and not taken off since, ends. */
  long end() {
    return end;
  }
}
