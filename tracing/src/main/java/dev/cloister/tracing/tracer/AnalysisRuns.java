package dev.cloister.tracing.tracer;

import dev.cloister.core.SealedFailure;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.tracer.ParserWatch.Due;
import dev.cloister.tracing.tracer.ParserWatch.FencedOff;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
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
  private final CountDownLatch over = new CountDownLatch(1);
  private ErroneousFlows quarantined = new ErroneousFlows();
  private ErroneousFlows erroneous = new ErroneousFlows();

  // Written by the thread that analyses, read by its successor: the watch's lock orders them.
  private int pass;
  private @Nullable Analysis analysis;
  private volatile SealedContext.@Nullable Use use;
  private volatile @Nullable Throwable failure;

  AnalysisRuns(SealedContext box, SpillStore store, TracerSettings settings) {
    this.box = box;
    this.store = store;
    this.settings = settings;
    this.watch = new ParserWatch(box.time(), settings.parserBudget());
  }

  /** Analyses on the calling thread. */
  void start() {
    watch.own();
    run();
  }

  private void goOn() {
    watch.own();
    if (analysis != null) {
      analysis.takeOver();
    }
    run();
  }

  private void run() {
    try {
      var mine = box.enter();
      use = mine;
      passes();
      mine.close();
      over.countDown();
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

  private void end(Throwable cause) {
    failure = cause;
    var stay = use;
    if (stay != null) {
      stay.close();
    }
    over.countDown();
  }

  /** Looks after the thread that analyses; returns how long nothing can become due. */
  long tick() {
    var due = watch.look();
    if (due == Due.INTERRUPTED) {
      box.ledger().event(Event.PARSER_INTERRUPTED, watch.flow());
    } else if (due == Due.FENCED) {
      box.ledger().event(Event.PARSER_FENCED, watch.flow());
      fence();
    }
    return watch.quietNanos();
  }

  private void fence() {
    var stay = use;
    if (stay != null) {
      stay.close();
    }
    try {
      settings
          .spare()
          .orElseThrow(() -> new RejectedExecutionException("there is no spare executor"))
          .execute(this::goOn);
    } catch (RejectedExecutionException e) {
      end(SealedFailure.of(box.mode(), "parser", watch.flow(), e));
    }
  }

  /** Waits for the end of the trace, and tells what went wrong. */
  void await() throws IOException {
    try {
      over.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case SealedFailure e -> throw e;
      case Throwable e -> throw SealedFailure.of(box.mode(), "analysis", pass, e);
    }
  }
}
