package dev.cloister.core.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.gate.Ingress;
import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The end of a context: what it waits for, what it gives back, and what is left to whoever asks.
 */
final class ClosingTest {
  private final Recorder recorder = new Recorder();

  private ContextPlan plan() {
    return ContextPlan.named("box", Guarantees.lab())
        .host(new FakeHost())
        .time(FakeTime.startingAt(Instant.EPOCH))
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .ingress(recorder.ingress("in"))
        .store(recorder.store("store"))
        .egress(MemoryEgress.named("out"));
  }

  private static MemoryEgress out(SealedContext context) {
    return context.part(MemoryEgress.class);
  }

  @Test
  void partsAreStoppedAndThenClosedInReverseOnce() throws IOException {
    var context = plan().seal();
    recorder.steps.clear();
    context.close();
    context.close();
    assertThat(recorder.steps).containsExactly("stop store", "stop in", "close store", "close in");
    assertThat(out(context).isClosed()).isTrue();
    assertThat(out(context).heartbeats()).hasSize(2);
    assertThat(context.ledger().events())
        .containsExactly(new Entry(Event.SEALED, 0), new Entry(Event.CLOSED, 0));
  }

  @Test
  void everyUseAfterTheEndIsAClearError() throws IOException {
    var context = plan().seal();
    var key = context.keys().fresh(32);
    var batch = context.releases().batch();
    batch.add(new Line("late"));
    var late = batch.take();
    assertThat(context.isOpen()).isTrue();
    context.close();

    assertThat(context.isOpen()).isFalse();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(context::enter)
        .withMessage("context \"box\" was destroyed and cannot be used again: seal a new context");
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> context.publish(late));
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> context.identity().sign(new byte[1]));
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> context.keys().fresh(32));
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> context.keys().derived("label", 32));
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> context.releases().batch());
    assertThat(key.isDestroyed()).isTrue();
    assertThat(context.identity().agreement().isDestroyed()).isTrue();
    assertThat(out(context).linesText()).doesNotContain("late");
  }

  @Test
  void nothingIsDueAfterTheEnd() throws IOException {
    var context = plan().seal();
    context.close();
    assertThat(context.tick()).isEqualTo(Long.MAX_VALUE);
    assertThat(out(context).heartbeats()).hasSize(2);
  }

  @Test
  void everythingIsClosedEvenIfSomethingFails() throws IOException {
    recorder
        .failing("stop in", new IllegalStateException("stuck"))
        .failing("close store", new IOException("full"))
        .failing("close in", new NoClassDefFoundError("gone"));
    var context = plan().seal();
    var keys = new ArrayList<EphemeralKey>();
    keys.add(context.keys().fresh(32));
    recorder.steps.clear();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(context::close)
        .withMessage("stuck")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("full", "gone"));
    assertThat(recorder.steps).containsExactly("stop store", "stop in", "close store", "close in");
    assertThat(out(context).isClosed()).isTrue();
    assertThat(keys).allMatch(EphemeralKey::isDestroyed);
    context.close();
  }

  @Test
  void aLastHeartbeatThatFailsClosesTheRestAllTheSame() throws IOException {
    var plan =
        ContextPlan.named("box", Guarantees.lab())
            .host(new FakeHost())
            .ingress(recorder.ingress("in"))
            .egress(MemoryEgress.named("out").failingAtBeat(2));
    var context = plan.seal();
    var key = context.keys().fresh(32);
    assertThatIOException()
        .isThrownBy(context::close)
        .withMessageContaining("fails at heartbeat 2");
    assertThat(recorder.steps).endsWith("stop in", "close in");
    assertThat(key.isDestroyed()).isTrue();
  }

  /** An ingress that lets a test see when it was stopped, and whether it is closed. */
  private static final class Watched implements Ingress {
    final AtomicBoolean stopped = new AtomicBoolean();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public void stop() {
      stopped.set(true);
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }

  /** Waits until a thread waits, or has ended without. */
  private static Thread.State waiting(Thread thread) {
    var state = thread.getState();
    while (state != Thread.State.TIMED_WAITING && state != Thread.State.TERMINATED) {
      Thread.onSpinWait();
      state = thread.getState();
    }
    return state;
  }

  @Test
  void whoIsInsideFinishesAndItsOutputIsBound()
      throws IOException, InterruptedException, ExecutionException {
    var watched = new Watched();
    var context = plan().ingress(recorder.ingress("watched", _ -> watched)).seal();
    var closing = new FutureTask<>(() -> close(context));
    try (var inside = context.enter();
        var batch = context.releases().batch()) {
      assertThat(waiting(Thread.ofPlatform().start(closing))).isEqualTo(Thread.State.TIMED_WAITING);
      assertThat(watched.stopped).isTrue();
      assertThat(watched.closed).as("closing waits").isFalse();
      assertThat(context.isOpen()).isFalse();
      batch.add(new Line("the last words"));
      context.publish(batch.take());
      assertThat(context.keys().fresh(16).isDestroyed()).isFalse();
      assertThat(inside).isNotNull();
    }
    closing.get();
    assertThat(watched.closed).isTrue();
    assertThat(out(context).linesText()).endsWith("the last words\n");
    assertThat(context.ledger().events()).endsWith(new Entry(Event.CLOSED, 0));
  }

  private static boolean close(SealedContext context) throws IOException {
    context.close();
    return Thread.interrupted();
  }

  @Test
  void whoStaysTooLongIsCountedAndNotWaitedFor() throws IOException {
    var context = plan().closeWithin(Duration.ofMillis(1)).seal();
    var one = context.enter();
    var other = context.enter();
    context.close();
    assertThat(context.ledger().events())
        .containsExactly(
            new Entry(Event.SEALED, 0),
            new Entry(Event.USERS_OVERDUE, 2),
            new Entry(Event.CLOSED, 0));
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> context.keys().fresh(16));
    one.close();
    other.close();
  }

  @Test
  void aUseEndsOnceHoweverOftenItIsClosed() throws IOException {
    var context = plan().closeWithin(Duration.ofMillis(1)).seal();
    var one = context.enter();
    var other = context.enter();
    one.close();
    one.close();
    context.close();
    assertThat(context.ledger().events()).contains(new Entry(Event.USERS_OVERDUE, 1));
    other.close();
  }

  @Test
  void anInterruptionDoesNotCutTheEndShortAndIsKept()
      throws IOException, InterruptedException, ExecutionException {
    var context = plan().seal();
    var closing = new FutureTask<>(() -> close(context));
    var inside = context.enter();
    var thread = Thread.ofPlatform().unstarted(closing);
    thread.start();
    assertThat(waiting(thread)).isEqualTo(Thread.State.TIMED_WAITING);
    thread.interrupt();
    while (thread.isInterrupted()) {
      // Until the interruption was seen.
      Thread.onSpinWait();
    }
    assertThat(waiting(thread)).as("it waits on").isEqualTo(Thread.State.TIMED_WAITING);
    inside.close();
    assertThat(closing.get()).as("the thread is still interrupted").isTrue();
    assertThat(context.ledger().events()).doesNotContain(new Entry(Event.USERS_OVERDUE, 1));
  }

  @Test
  void ofManyWhoCloseOneDoes() throws IOException, InterruptedException, ExecutionException {
    var context = plan().seal();
    recorder.steps.clear();
    try (var executor = Executors.newFixedThreadPool(4)) {
      Callable<Boolean> close = () -> close(context);
      for (var done : executor.invokeAll(Collections.nCopies(8, close))) {
        done.get();
      }
    }
    assertThat(recorder.steps)
        .isEqualTo(List.of("stop store", "stop in", "close store", "close in"));
    assertThat(out(context).heartbeats()).hasSize(2);
  }
}
