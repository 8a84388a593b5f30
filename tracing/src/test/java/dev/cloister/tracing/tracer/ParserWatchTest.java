package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.testing.FakeTime;
import dev.cloister.tracing.tracer.ParserWatch.Due;
import dev.cloister.tracing.tracer.ParserWatch.FencedOff;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The watch alone: who owns the analysis, and what is due when. */
final class ParserWatchTest {
  private final FakeTime time = FakeTime.startingAt(Instant.EPOCH);
  private final ParserWatch watch = new ParserWatch(time, Trap.BUDGET);

  private void enter(long flow) {
    watch.own();
    watch.enter(flow);
  }

  @Test
  void nothingIsDueWithinTheBudgetOrOutsideAParser() {
    enter(7);
    time.advance(Trap.BUDGET.minusNanos(1));
    assertThat(watch.look()).isEqualTo(Due.NOTHING);
    assertThat(watch.leave()).isFalse();
    time.advance(Duration.ofDays(1));
    assertThat(watch.look()).isEqualTo(Due.NOTHING);
  }

  @Test
  void theFlowIsNamedThatWasOverdueAlthoughItsParserCameBackMeanwhile() {
    enter(7);
    time.advance(Trap.BUDGET);
    assertThat(watch.look()).isEqualTo(Due.INTERRUPTED);
    assertThat(watch.leave()).isTrue();
    watch.enter(8);
    assertThat(watch.overdueFlow()).isEqualTo(7);
  }

  @Test
  void anInterruptOfTheWatchIsNotLeftBehind() {
    enter(7);
    time.advance(Trap.BUDGET);
    watch.look();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(watch.leave()).isTrue();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void anInterruptOfTheApplicationIsLeft() {
    enter(7);
    Thread.currentThread().interrupt();
    assertThat(watch.leave()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptedParserHasTheBudgetOnceMore() {
    enter(7);
    time.advance(Trap.BUDGET);
    assertThat(watch.look()).isEqualTo(Due.INTERRUPTED);
    time.advance(Trap.BUDGET.minusNanos(1));
    assertThat(watch.look()).isEqualTo(Due.NOTHING);
    assertThat(Thread.interrupted()).isTrue();
    time.advance(Duration.ofNanos(1));
    assertThat(watch.look()).isEqualTo(Due.FENCED);
    assertThat(watch.isFenced()).isTrue();
    assertThat(watch.isOwned()).isFalse();
    assertThatExceptionOfType(FencedOff.class).isThrownBy(watch::leave);
    assertThatExceptionOfType(FencedOff.class).isThrownBy(() -> watch.enter(8));
    assertThat(watch.look()).isEqualTo(Due.NOTHING);
  }

  @Test
  void aThreadThatWasFencedOffKeepsNoInterruptOfTheWatch() {
    enter(7);
    for (var i = 0; i < 2; i++) {
      time.advance(Trap.BUDGET);
      watch.look();
    }
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThatExceptionOfType(FencedOff.class).isThrownBy(watch::leave);
    assertThat(Thread.interrupted()).isFalse();
  }
}
