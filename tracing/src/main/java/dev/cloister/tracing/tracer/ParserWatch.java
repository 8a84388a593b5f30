package dev.cloister.tracing.tracer;

import dev.cloister.core.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Watches the one thread that analyses while it is inside a user's parser: past the budget it is
 * interrupted, and if that is ignored for as long again it is fenced off. A thread that was fenced
 * off may touch nothing any more: {@link #leave} throws when it comes back, and {@link #isFenced}
 * tells before.
 *
 * <p>The lock orders both sides: what the fenced thread had written before it entered the parser,
 * its successor sees. An interrupt is never left behind.
 */
final class ParserWatch {
  private final TimeSource time;
  private final long budgetNanos;
  private @Nullable Thread owner;
  private boolean inside;
  private boolean interrupted;
  private long since;
  private long flow;
  private long overdueFlow;

  /** Unwinds a thread that was fenced off. */
  static final class FencedOff extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private FencedOff() {
      super("fenced off", null, false, false);
    }
  }

  /** What a look found due. */
  enum Due {
    /** All is well. */
    NOTHING,
    /** The thread was interrupted. */
    INTERRUPTED,
    /** The thread was fenced off: another must go on. */
    FENCED
  }

  ParserWatch(TimeSource time, Duration budget) {
    this.time = time;
    this.budgetNanos = budget.toNanos();
  }

  /** Makes the calling thread the one that analyses. */
  synchronized void own() {
    owner = Thread.currentThread();
    inside = false;
    interrupted = false;
  }

  /** Tells whether the calling thread is not the one that analyses any more. */
  synchronized boolean isFenced() {
    return !Thread.currentThread().equals(owner);
  }

  /** Makes nobody the one that analyses: whoever still calls is fenced off. */
  synchronized void disown() {
    owner = null;
    inside = false;
  }

  /** Tells whether some thread is the one that analyses. */
  synchronized boolean isOwned() {
    return owner != null;
  }

  /** Unwinds the calling thread if it was fenced off. */
  synchronized void check() {
    if (isFenced()) {
      throw new FencedOff();
    }
  }

  synchronized void enter(long inFlow) {
    check();
    inside = true;
    interrupted = false;
    since = time.nanoTime();
    flow = inFlow;
  }

  /** Ends a stay inside a parser; tells whether it had to be interrupted. */
  synchronized boolean leave() {
    if (isFenced()) {
      // It was interrupted before: that must not keep it from waiting for its successor.
      Thread.interrupted();
      throw new FencedOff();
    }
    inside = false;
    if (interrupted) {
      // Ours: it must not reach what comes after the parser.
      Thread.interrupted();
    }
    return interrupted;
  }

  /** Returns the flow whose parser was interrupted, or fenced off, last. */
  synchronized long overdueFlow() {
    return overdueFlow;
  }

  synchronized Due look() {
    var now = time.nanoTime();
    // Should the clock have gone back, the stay begins anew, and ends a budget later at most.
    since = Math.min(since, now);
    if (!inside || owner == null || now - since < budgetNanos) {
      return Due.NOTHING;
    }
    since = now;
    overdueFlow = flow;
    if (interrupted) {
      disown();
      return Due.FENCED;
    }
    interrupted = true;
    owner.interrupt();
    return Due.INTERRUPTED;
  }

  /** Returns how long nothing can become due. */
  long quietNanos() {
    return budgetNanos / 4;
  }
}
