package dev.cloister.core.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.GuaranteeLost;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens as time passes: heartbeats when they are due, and guarantees that are lost. */
final class TickTest {
  private static final Duration PERIOD = Duration.ofSeconds(10);

  @TempDir private Path directory;
  private final FakeTime time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));
  private final FakeHost host = new FakeHost();

  private ContextPlan plan() {
    return ContextPlan.named("box", Guarantees.lab())
        .host(host)
        .time(time)
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines());
  }

  private SealedContext sealed() throws IOException {
    return plan().egress(MemoryEgress.named("out")).seal();
  }

  private static MemoryEgress out(SealedContext context) {
    return context.part(MemoryEgress.class);
  }

  private Word verdict(MemoryEgress egress) throws IOException {
    return HeartbeatVerifier.trustingTheFirst()
        .verify(
            Files.writeString(directory.resolve("heartbeats.jsonl"), egress.heartbeatsText()),
            Files.writeString(directory.resolve("trace.jsonl"), egress.linesText()))
        .word();
  }

  @Test
  void aHeartbeatIsSentWhenItIsDueAndNotBefore() throws IOException {
    try (var context = sealed()) {
      assertThat(context.tick()).isEqualTo(PERIOD.toNanos());
      time.advance(Duration.ofSeconds(9));
      assertThat(context.tick()).isEqualTo(Duration.ofSeconds(1).toNanos());
      assertThat(out(context).heartbeats()).hasSize(1);
      time.stepTo(Instant.parse("2030-01-01T00:00:00Z"));
      assertThat(context.tick())
          .as("the time of day does not matter")
          .isEqualTo(Duration.ofSeconds(1).toNanos());
      time.advance(Duration.ofSeconds(1));
      assertThat(context.tick()).isEqualTo(PERIOD.toNanos());
      assertThat(out(context).heartbeats()).hasSize(2);
      time.advance(Duration.ofDays(30));
      context.tick();
      assertThat(out(context).heartbeats()).as("what was missed is not made up").hasSize(3);
    }
  }

  @Test
  void aGuaranteeThatIsLostIsAnEventWithItsNumber() throws IOException {
    var context = sealed();
    try (context) {
      host.lose(Guarantee.HEAP_IN_RAM, State.WEAKENED);
      host.lose(Guarantee.NO_CORE_FILE, State.ABSENT);
      assertThat(context.posture().of(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.SIMULATED);
      time.advance(PERIOD);
      context.tick();
      assertThat(context.posture().of(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.WEAKENED);
      time.advance(PERIOD);
      context.tick();
      host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
      time.advance(PERIOD);
      context.tick();
    }
    assertThat(context.ledger().events())
        .containsExactly(
            new Entry(Event.SEALED, 0),
            new Entry(Event.GUARANTEE_LOST, 2),
            new Entry(Event.GUARANTEE_LOST, 3),
            new Entry(Event.ALIVE, 0),
            new Entry(Event.GUARANTEE_LOST, 2),
            new Entry(Event.CLOSED, 0));
    assertThat(context.ledger().counters()).containsEntry("guaranteesLost", 3L);
    assertThat(verdict(out(context))).isEqualTo(Word.VALID);
  }

  @Test
  void aGuaranteeThatComesBackIsNoEvent() throws IOException {
    host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
    try (var context = sealed()) {
      host.lose(Guarantee.HEAP_IN_RAM, State.WEAKENED);
      time.advance(PERIOD);
      context.tick();
      assertThat(context.ledger().events()).endsWith(new Entry(Event.ALIVE, 0));
      assertThat(context.posture().of(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.WEAKENED);
    }
  }

  @Test
  void aLossEndsTheContextWhereThePlanSaysSo() throws IOException {
    var context =
        plan()
            .egress(MemoryEgress.named("out"))
            .require(Guarantee.HEAP_IN_RAM)
            .endWhenAGuaranteeIsLost()
            .seal();
    host.lose(Guarantee.NO_CORE_FILE, State.ABSENT);
    time.advance(PERIOD);
    context.tick();
    assertThat(context.isOpen()).as("what was not required ends nothing").isTrue();

    host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
    time.advance(PERIOD);
    assertThatExceptionOfType(GuaranteeLost.class)
        .isThrownBy(context::tick)
        .withMessageContaining("heap-in-ram is ABSENT (a fake host says so): turn swap off");
    assertThat(context.isOpen()).isFalse();
    assertThat(context.ledger().events())
        .endsWith(new Entry(Event.GUARANTEE_LOST, 2), new Entry(Event.CLOSED, 0));
    assertThat(verdict(out(context))).isEqualTo(Word.VALID);
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> context.keys().fresh(16));
  }

  @Test
  void aLossIsOtherwiseAnEventAlone() throws IOException {
    try (var context =
        plan().egress(MemoryEgress.named("out")).require(Guarantee.HEAP_IN_RAM).seal()) {
      host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
      time.advance(PERIOD);
      assertThat(context.tick()).isEqualTo(PERIOD.toNanos());
      assertThat(context.isOpen()).isTrue();
      assertThat(context.ledger().events()).endsWith(new Entry(Event.GUARANTEE_LOST, 2));
    }
  }
}
