package dev.cloister.tracing.http;

import java.util.Arrays;

/** The beginning of a line whose end has not come yet, as far as it is short enough to be read. */
final class UnfinishedLine {
  /** The longest line that is read; what is longer is passed over up to its end. */
  private static final int BYTES_MAX = 64 << 10;

  /** What an idle direction keeps. */
  private static final int BYTES_KEPT = 1024;

  private byte[] bytes = {};
  private int length;
  private boolean isOverlong;

  /** Tells whether a line begins here. */
  boolean isAtBeginning() {
    return length == 0 && !isOverlong;
  }

  boolean isOverlong() {
    return isOverlong;
  }

  /** Returns what there is; valid until the next call of {@link #add}. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  int heldBytes() {
    return bytes.length;
  }

  void add(byte[] from, int at, int count) {
    if (isOverlong || length + count > BYTES_MAX) {
      isOverlong = true;
      length = 0;
      return;
    }
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(BYTES_MAX, 2 * (length + count)));
    }
    System.arraycopy(from, at, bytes, length, count);
    length += count;
  }

  /** Begins anew. */
  void drop() {
    length = 0;
    isOverlong = false;
    if (bytes.length > BYTES_KEPT) {
      bytes = new byte[0];
    }
  }

  /** Keeps nothing: the line is passed over, as one that is too long. */
  void giveUp() {
    isOverlong |= length > 0;
    length = 0;
    bytes = new byte[0];
  }
}
