package dev.cloister.tracing.http;

import org.jspecify.annotations.Nullable;

/**
 * What all conversations of a parser hold together: unfinished lines, exchanges that wait, and
 * content that is being unpacked. When it is too much, those that were silent for the longest give
 * theirs up, and the others go on. For one thread.
 */
final class Holdings {
  /** Enough for tens of thousands of exchanges that wait for their answers. */
  static final long BYTES_MAX = 128L << 20;

  private static final long LIST_GRAIN_NANOS = 250_000_000L;

  private final long bytesMax;
  private long bytes;
  private @Nullable Holder oldest;
  private @Nullable Holder newest;

  /** What a conversation stands in the list with. */
  abstract static class Holder {
    private @Nullable Holder older;
    private @Nullable Holder newer;
    private long held;
    private long listedAt;

    /** Lets go of everything that is held. */
    abstract void giveUp();
  }

  Holdings(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  long bytes() {
    return bytes;
  }

  /** Takes note of what a conversation holds after it was spoken in. */
  void hold(Holder holder, long held, long nowNanos) {
    if (held == holder.held && nowNanos - holder.listedAt < LIST_GRAIN_NANOS) {
      return;
    }
    if (holder.held > 0) {
      remove(holder);
    }
    if (held > 0) {
      addLast(holder, held);
      holder.listedAt = nowNanos;
    }
    while (bytes > bytesMax && oldest != null) {
      var silent = oldest;
      remove(silent);
      silent.giveUp();
    }
  }

  private void addLast(Holder holder, long held) {
    bytes += held;
    holder.held = held;
    holder.older = newest;
    if (newest == null) {
      oldest = holder;
    } else {
      newest.newer = holder;
    }
    newest = holder;
  }

  private void remove(Holder holder) {
    bytes -= holder.held;
    holder.held = 0;
    var before = holder.older;
    var after = holder.newer;
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
    holder.older = null;
    holder.newer = null;
  }
}
