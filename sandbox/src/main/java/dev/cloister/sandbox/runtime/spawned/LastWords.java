package dev.cloister.sandbox.runtime.spawned;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a guest writes to its standard error: read without waiting, a bounded piece at a time, and
 * forgotten but for its end. A guest that writes faster waits. Safe for use by many threads.
 */
final class LastWords {
  private static final int PIECE_BYTES = 1 << 16;
  private static final int KEPT_BYTES = 512;

  private final InputStream error;
  private byte[] kept = {};

  LastWords(InputStream error) {
    this.error = error;
  }

  /** Reads what is there. */
  synchronized void read() {
    try {
      var piece = error.readNBytes(Math.min(error.available(), PIECE_BYTES));
      if (piece.length > 0) {
        keep(piece);
      }
    } catch (IOException _) {
      // Closed by the guest's death: there is no more.
    }
  }

  private void keep(byte[] piece) {
    var both = new byte[kept.length + piece.length];
    System.arraycopy(kept, 0, both, 0, kept.length);
    System.arraycopy(piece, 0, both, kept.length, piece.length);
    var from = Math.max(0, both.length - KEPT_BYTES);
    kept = Arrays.copyOfRange(both, from, both.length);
  }

  /** Returns the last line that was read; empty when there was none. */
  synchronized String last() {
    var lines = new String(kept, StandardCharsets.UTF_8).strip().lines().toList();
    return lines.isEmpty() ? "" : lines.getLast();
  }
}
