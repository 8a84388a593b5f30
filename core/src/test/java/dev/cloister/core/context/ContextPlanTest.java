package dev.cloister.core.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.FakeAnnex;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakeProcessSeal;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.LoopbackExchange;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan takes, and how all of it enters the measurement. */
final class ContextPlanTest {
  private final Recorder recorder = new Recorder();

  private enum Own implements Counter {
    SEEN;

    @Override
    public String label() {
      return "seen";
    }
  }

  private static RawType type(String name, String fields) {
    return new RawType() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void describe(Description into) {
        into.put("fields", fields);
      }
    };
  }

  private ContextPlan plan() {
    return ContextPlan.named("box", Guarantees.lab())
        .host(new FakeHost())
        .time(FakeTime.startingAt(Instant.EPOCH))
        .ingress(recorder.ingress("in"))
        .store(recorder.store("store"))
        .exchange(LoopbackExchange.named("talk", UnaryOperator.identity()))
        .annex(FakeAnnex.named("helper", UnaryOperator.identity()))
        .egress(MemoryEgress.named("out"))
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .harden(new FakeProcessSeal())
        .require(Guarantee.NOTHING_RAW_ON_DISK)
        .accept(Guarantee.NOTHING_RAW_ON_DISK, State.ABSENT, "a test");
  }

  private static String measurement(ContextPlan plan) throws IOException {
    try (var context = plan.seal()) {
      return context.measurementText();
    }
  }

  @Test
  void theMeasurementIsAllThatWasDeclaredWordForWord() throws IOException {
    assertThat(measurement(plan()))
        .isEqualTo(
            """
            context: box
            guarantees.mode: lab
            guarantees.require: nothing-raw-on-disk
            guarantees.accept: nothing-raw-on-disk ABSENT because a test
            process.seal: fake
            ingress.in.of: the recorder
            store.store.of: the recorder
            exchange.talk.with: a function of the test
            annex.helper.helper: a function of the test
            egress.out.to: memory
            record.line.text: text
            policy.line.text: keep
            heartbeat: PT10S
            ends-on-loss: false
            """);
  }

  @Test
  void twoSealsOfOnePlanMeasureTheSameAndHaveNothingElseInCommon() throws IOException {
    var plan = plan();
    try (var one = plan.seal();
        var other = plan.seal()) {
      assertThat(one.measurement()).isEqualTo(other.measurement()).matches("[0-9a-f]{64}");
      assertThat(one.measurement()).isEqualTo(Description.sha256Hex(bytes(one.measurementText())));
      assertThat(one.id()).isNotEqualTo(other.id());
      assertThat(one.identity().publicKey()).isNotEqualTo(other.identity().publicKey());
      assertThat(one.part(MemoryEgress.class)).isNotSameAs(other.part(MemoryEgress.class));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Stream<Consumer<ContextPlan>> changes() {
    return Stream.of(
        plan -> plan.egress(MemoryEgress.named("more")),
        plan -> plan.parse(type("other", "a")),
        plan -> plan.heartbeat(Duration.ofSeconds(11)),
        ContextPlan::endWhenAGuaranteeIsLost,
        plan -> plan.require(Guarantee.HEAP_IN_RAM),
        plan -> plan.accept(Guarantee.NOTHING_RAW_ON_DISK, State.ABSENT, "another reason"),
        plan -> plan.accept(Guarantee.NO_CORE_FILE, State.WEAKENED, "a test"),
        plan -> plan.harden(new Recorder().processSeal()),
        plan -> plan.release(new Recorder().policy()));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void whateverIsDeclaredOtherwiseIsMeasuredOtherwise(Consumer<ContextPlan> change)
      throws IOException {
    var changed = plan();
    change.accept(changed);
    assertThat(measurement(changed)).isNotEqualTo(measurement(plan()));
  }

  @Test
  void nothingCanBeChangedAfterTheSeal() throws IOException {
    var time = FakeTime.startingAt(Instant.EPOCH);
    var host = new FakeHost();
    var plan = plan().time(time).host(host).require(Guarantee.HEAP_IN_RAM);
    try (var context = plan.seal()) {
      plan.heartbeat(Duration.ofDays(1))
          .accept(Guarantee.HEAP_IN_RAM, State.ABSENT, "after the seal")
          .endWhenAGuaranteeIsLost()
          .time(FakeTime.startingAt(Instant.MAX))
          .egress(MemoryEgress.named("late"));
      assertThat(context.parts(MemoryEgress.class)).hasSize(1);

      host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
      time.advance(Duration.ofSeconds(10));
      assertThat(context.tick()).isEqualTo(Duration.ofSeconds(10).toNanos());
      assertThat(context.isOpen()).isTrue();
      assertThat(context.part(MemoryEgress.class).heartbeats()).hasSize(2);
    }
  }

  @Test
  void twoPartsCannotHaveOneName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan().egress(MemoryEgress.named("in")))
        .withMessage("two parts are named \"in\": give one of them another name");
  }

  @Test
  void twoKindsOfRecordCannotHaveOneName() {
    var plan = plan().parse(type("http", "a"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.parse(type("http", "b")))
        .withMessage("two kinds of records are named \"http\": declare each once");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", ".", "a b", "a/b", "ä", "a\n"})
  void aNameIsOneWord(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContextPlan.named(name, Guarantees.lab()))
        .withMessage(
            "context name \"" + name + "\": 1 to 64 letters, digits, dots, dashes, underscores");
  }

  @Test
  void aNameIsAtMost64Letters() {
    assertThat(ContextPlan.named("a".repeat(64), Guarantees.lab())).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContextPlan.named("a".repeat(65), Guarantees.lab()));
  }

  @Test
  void durationsAreAtLeastAMillisecond() {
    for (var duration : List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofDays(-1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan().heartbeat(duration))
          .withMessage("heartbeat " + duration + ": must be at least 1 ms");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan().closeWithin(duration))
          .withMessage("closeWithin " + duration + ": must be at least 1 ms");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan().heartbeat(Duration.ofSeconds(Long.MAX_VALUE)))
        .withMessageEndingWith("must be at most 292 years");
  }

  @Test
  void theVocabularyOfTheLedgerIsThePlansAndItsParts() throws IOException {
    try (var context = plan().count(List.of(Own.SEEN)).seal()) {
      assertThat(context.ledger().counters())
          .containsOnlyKeys("outputLines", "outputBytes", "guaranteesLost", "seen", "received");
      context.ledger().tally(Own.SEEN).increment();
      assertThat(context.ledger().counters()).containsEntry("seen", 1L);
    }
    try (var context = plan().seal()) {
      assertThatIllegalArgumentException().isThrownBy(() -> context.ledger().tally(Own.SEEN));
    }
  }
}
