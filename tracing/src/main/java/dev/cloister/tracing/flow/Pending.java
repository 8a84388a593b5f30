package dev.cloister.tracing.flow;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bytes of a direction that wait behind a hole: pieces that do not overlap, in order. */
final class Pending {
  /** What a piece costs beside its bytes. */
  static final int PIECE_BYTES = 64;

  private static final int SMALL_BYTES = 64;
  private static final int ROOM = 8;

  /** With room at both ends, for whoever sends the last piece first. */
  private @Nullable Piece[] pieces = new Piece[ROOM];

  private int first = ROOM / 2;
  private int count;

  /** Bytes that stand together. */
  static final class Piece {
    final long at;
    int length;

    /** What came first: what later copies are compared with. */
    byte[] first;

    /** What is given to the listener, where a later copy won; null where none did. */
    private byte @Nullable [] replaced;

    Piece(long at, byte[] source, int offset, int length) {
      this.at = at;
      this.first = Arrays.copyOfRange(source, offset, offset + length);
      this.length = length;
    }

    long end() {
      return at + length;
    }

    int cost() {
      return PIECE_BYTES + first.length + (replaced == null ? 0 : replaced.length);
    }

    boolean isReplaced() {
      return replaced != null;
    }

    byte[] winner() {
      return replaced == null ? first : replaced;
    }

    /** Lets a later copy win; returns what that costs. */
    int replace(int in, byte[] source, int offset, int replacing) {
      var before = cost();
      if (replaced == null) {
        replaced = first.clone();
      }
      System.arraycopy(source, offset, replaced, in, replacing);
      return cost() - before;
    }

    private void append(byte[] source, int offset, int added) {
      first = appended(first, source, offset, added);
      if (replaced != null) {
        replaced = appended(replaced, source, offset, added);
      }
      length += added;
    }

    private byte[] appended(byte[] to, byte[] source, int offset, int added) {
      var target =
          length + added > to.length
              ? Arrays.copyOf(to, Math.max(SMALL_BYTES, 2 * (length + added)))
              : to;
      System.arraycopy(source, offset, target, length, added);
      return target;
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  Piece peek() {
    return get(0);
  }

  Piece poll() {
    var piece = get(0);
    pieces[first] = null;
    first++;
    count--;
    if (count == 0) {
      if (pieces.length > ROOM) {
        // Its room is counted for as long as there are pieces.
        pieces = new Piece[ROOM];
      }
      first = ROOM / 2;
    }
    return piece;
  }

  /** Finds the first piece that ends behind a position; {@link #size()} when there is none. */
  int indexBehind(long position) {
    var low = 0;
    var high = count;
    while (low < high) {
      var middle = (low + high) >>> 1;
      if (get(middle).end() <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int size() {
    return count;
  }

  Piece get(int index) {
    return Objects.requireNonNull(pieces[first + index]);
  }

  /** Puts bytes before the piece at an index; returns what that costs. */
  int insert(int index, long at, byte[] source, int offset, int length) {
    if (index > 0 && length < SMALL_BYTES) {
      var before = get(index - 1);
      if (before.end() == at) {
        var cost = before.cost();
        before.append(source, offset, length);
        return before.cost() - cost;
      }
    }
    makeRoom();
    if (index < count - index) {
      System.arraycopy(pieces, first, pieces, first - 1, index);
      first--;
    } else {
      System.arraycopy(pieces, first + index, pieces, first + index + 1, count - index);
    }
    var piece = new Piece(at, source, offset, length);
    pieces[first + index] = piece;
    count++;
    return piece.cost();
  }

  private void makeRoom() {
    if (first > 0 && first + count < pieces.length) {
      return;
    }
    var roomy = new Piece[2 * count < pieces.length ? pieces.length : 2 * pieces.length];
    var middle = (roomy.length - count) / 2;
    System.arraycopy(pieces, first, roomy, middle, count);
    pieces = roomy;
    first = middle;
  }
}
