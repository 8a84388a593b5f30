package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads a guest's standard error to its end and keeps the last of it, so that a guest never waits
 * for a reader and never fills memory. What it keeps is the guest's own text. The text may be asked
 * for by any thread at any time.
 */
public final class BoundedDrain implements Runnable {
  private final InputStream in;
  private final byte[] ring;
  private long count;

  /**
   * Takes a stream.
   *
   * @param in read until it ends or fails; not closed here
   * @param keptBytes how much of its end is kept, at least 1
   */
  public BoundedDrain(InputStream in, int keptBytes) {
    this.in = in;
    this.ring = new byte[keptBytes];
  }

  /** Reads on the caller's thread until the stream ends. */
  @Override
  public void run() {
    var buffer = new byte[8 << 10];
    try {
      for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        keep(buffer, read);
      }
    } catch (IOException _) {
      // Closed, by the guest's death or by its runtime: the end as well.
    }
  }

  private synchronized void keep(byte[] bytes, int length) {
    for (var i = Math.max(0, length - ring.length); i < length; i++) {
      ring[(int) ((count + i) % ring.length)] = bytes[i];
    }
    count += length;
  }

  /**
   * Tells how much was written.
   *
   * @return all bytes so far, also those not kept
   */
  public synchronized long bytes() {
    return count;
  }

  /**
   * Returns what is kept.
   *
   * @return as UTF-8, with a question mark for each control character but line feed and tab
   */
  public synchronized String text() {
    var kept = (int) Math.min(count, ring.length);
    var last = new byte[kept];
    for (var i = 0; i < kept; i++) {
      last[i] = ring[(int) ((count - kept + i) % ring.length)];
    }
    return new String(last, StandardCharsets.UTF_8).replaceAll("[\\p{C}&&[^\\n\\t]]", "?");
  }
}
