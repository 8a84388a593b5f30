package dev.cloister.tracing.tracer;

import dev.cloister.core.CloisterException;
import dev.cloister.core.SealedFailure;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.tracer.ParserWatch.Due;
import dev.cloister.tracing.tracer.ParserWatch.FencedOff;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs the passes of a trace on one thread after the other: the caller's, and after a fence one of
 * the spare executor.
 */
final class AnalysisRuns {
  private final SealedContext box;
  private final SpillStore store;
  private final TracerSettings settings;
  private final ParserWatch watch;
  private final AtomicBoolean isStarted = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);
  private ErroneousFlows quarantined = new ErroneousFlows();
  private ErroneousFlows erroneous = new ErroneousFlows();

  // Written by the thread that analyses, read by its successor: the watch's lock orders them.
  private int pass;
  private @Nullable Analysis analysis;
  private SealedContext.@Nullable Use use;
  private volatile @Nullable Throwable failure;

  AnalysisRuns(SealedContext box, SpillStore store, TracerSettings settings) {
    this.box = box;
    this.store = store;
    this.settings = settings;
    this.watch = new ParserWatch(box.time(), settings.parserBudget());
  }

  /** Analyses on the calling thread. */
  void start() {
    if (isStarted.get()) {
      throw startedAlready();
    }
    requirePasses();
    if (!isStarted.compareAndSet(false, true)) {
      throw startedAlready();
    }
    watch.own();
    run();
  }

  private static IllegalStateException startedAlready() {
    return new IllegalStateException(
        "this trace is or was analysed already: set passes(n) to analyse it n times");
  }

  /** Refuses to work where the store was not declared for it, or another tracer has used it up. */
  void requirePasses() {
    if (settings.passes() > store.passesLeft()) {
      throw new IllegalStateException(
          "passes %d: the store has %d left; declare it with passes(%1$d), and one tracer a context"
              .formatted(settings.passes(), store.passesLeft()));
    }
  }

  private void goOn() {
    watch.own();
    run();
  }

  private void run() {
    try {
      if (use == null) {
        use = box.enter();
      } else if (analysis != null) {
        analysis.takeOver();
      }
      passes();
      end(null);
    } catch (FencedOff _) {
      // Another thread has everything by now, the stay in the context too.
    } catch (IOException | RuntimeException | Error e) {
      end(e);
    }
  }

  private void passes() throws IOException {
    while (pass < settings.passes() && box.isOpen()) {
      var isLast = pass == settings.passes() - 1;
      if (analysis == null) {
        analysis = new Analysis(box, store, settings, watch, isLast, erroneous, quarantined);
      }
      analysis.run();
      analysis.close();
      analysis = null;
      pass++;
      quarantined = erroneous;
    }
  }

  /** Ends the trace; what a failure leaves in the middle still goes out, as far as it can. */
  private void end(@Nullable Throwable cause) {
    watch.disown();
    var left = analysis;
    analysis = null;
    failure = cause;
    try {
      if (left != null) {
        abandon(left, cause);
      }
    } finally {
      // Whatever happens, nobody waits for what will not come.
      if (use != null) {
        use.close();
      }
      over.countDown();
    }
  }

  private static void abandon(Analysis left, @Nullable Throwable cause) {
    try (left) {
      left.abandon();
    } catch (IOException | RuntimeException | Error e) {
      if (cause != null && !cause.equals(e)) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Tells whether nothing will be analysed any more. */
  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Tells whether a thread is at work that must be looked after. */
  boolean isAtWork() {
    return !isOver() && watch.isOwned();
  }

  /** Looks after the thread that analyses; returns how long nothing can become due. */
  long tick() {
    var due = watch.look();
    if (due == Due.INTERRUPTED) {
      box.ledger().event(Event.PARSER_INTERRUPTED, watch.overdueFlow());
    } else if (due == Due.FENCED) {
      box.ledger().event(Event.PARSER_FENCED, watch.overdueFlow());
      fence();
    }
    return watch.quietNanos();
  }

  private void fence() {
    try {
      settings
          .spare()
          .orElseThrow(() -> new RejectedExecutionException("there is no spare executor"))
          .execute(this::goOn);
    } catch (RuntimeException | Error e) {
      end(SealedFailure.of(box.mode(), "parser", watch.overdueFlow(), e));
    }
  }

  /** Waits for the end of the trace, and tells what went wrong. */
  void await() throws IOException {
    try {
      over.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case CloisterException e -> throw e;
      case Throwable e -> throw SealedFailure.of(box.mode(), "analysis", pass, e);
    }
  }
}
