package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.tracer.Words.Hook;
import dev.cloister.tracing.tracer.Words.Moment;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps a parser's thread until the test lets it go, or only until it is interrupted. */
final class Trap implements Hook {
  static final Duration BUDGET = Duration.ofSeconds(1);

  private final boolean heedsInterrupts;
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);

  private Trap(boolean heedsInterrupts) {
    this.heedsInterrupts = heedsInterrupts;
  }

  static Trap heedingInterrupts() {
    return new Trap(true);
  }

  static Trap ignoringInterrupts() {
    return new Trap(false);
  }

  @Override
  public void at(Moment moment, Flow flow, Emitter emitter) {
    Words.emit(emitter, "in the trap");
    entered.countDown();
    var isOut = false;
    while (!isOut) {
      try {
        opened.await();
        isOut = true;
      } catch (InterruptedException _) {
        isOut = heedsInterrupts;
      }
    }
    emitter.record();
    Words.emit(emitter, "out of the trap");
    left.countDown();
  }

  void awaitEntered() throws InterruptedException {
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Lets the budget pass for the thread inside, which is interrupted then. */
  void interrupt(SealedContext box, Tracer tracer) throws IOException, InterruptedException {
    awaitEntered();
    pass(box, tracer);
  }

  /** Lets the budget pass twice for the thread inside, which is fenced off then. */
  void fence(SealedContext box, Tracer tracer) throws IOException, InterruptedException {
    interrupt(box, tracer);
    pass(box, tracer);
  }

  private static void pass(SealedContext box, Tracer tracer) throws IOException {
    Lab.time(box).advance(BUDGET);
    tracer.tick();
  }

  /** Lets the thread go that was lost inside. */
  void open() throws InterruptedException {
    opened.countDown();
    assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Traces to the end, while the thread that analysed is lost in here, and then lets it go. */
  void lose(SealedContext box, Tracer tracer, Steps threads) throws Exception {
    tracer.capture();
    var lost = threads.start(tracer::analyse);
    fence(box, tracer);
    tracer.awaitAnalysed();
    open();
    lost.get();
  }
}
