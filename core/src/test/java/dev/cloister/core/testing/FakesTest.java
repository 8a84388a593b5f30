package dev.cloister.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Mode;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory.Protection;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The stand-ins claim nothing that a real one would have to hold. */
final class FakesTest {

  @Test
  void aFakeHostSimulatesAndNeverEnforces() {
    var host = new FakeHost();
    assertThat(host.probe())
        .extracting(Finding::guarantee)
        .containsExactly(
            Guarantee.ROOT_SECRET_PROTECTED, Guarantee.HEAP_IN_RAM, Guarantee.NO_CORE_FILE);
    assertThat(host.probe()).allMatch(finding -> finding.state() == State.SIMULATED);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> host.lose(Guarantee.HEAP_IN_RAM, State.ENFORCED));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> host.lose(Guarantee.NOTHING_RAW_ON_DISK, State.ABSENT));
    try (var memory = host.secretMemory(100)) {
      assertThat(memory.protection()).isEqualTo(Protection.HEAP);
    }
  }

  @Test
  void aFakeHostLacksWhatTheTestSays() {
    var host = new FakeHost();
    host.lose(Guarantee.HEAP_IN_RAM, State.ABSENT);
    assertThat(host.probe())
        .extracting(Finding::state)
        .containsExactly(State.SIMULATED, State.ABSENT, State.SIMULATED);
  }

  @Test
  void aFakeSealRemembersThatItWasPutOn() {
    var seal = new FakeProcessSeal();
    assertThat(seal.probe()).allMatch(finding -> finding.state() == State.SIMULATED);
    assertThat(seal.isHardened()).isFalse();
    assertThat(seal.harden()).allMatch(finding -> finding.state() == State.SIMULATED);
    assertThat(seal.isHardened()).isTrue();
  }

  @Test
  void fakeTimeStandsUntilItIsMoved() {
    var start = Instant.parse("2026-01-02T03:04:05Z");
    var time = FakeTime.startingAt(start);
    assertThat(time.now()).isEqualTo(start);
    assertThat(time.nanoTime()).isZero();
    time.advance(Duration.ofMillis(1500));
    assertThat(time.now()).isEqualTo(start.plusMillis(1500));
    assertThat(time.nanoTime()).isEqualTo(1_500_000_000);
    time.stepTo(start.minusSeconds(60));
    assertThat(time.now()).isEqualTo(start.minusSeconds(60));
    assertThat(time.nanoTime()).isEqualTo(1_500_000_000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .withMessageContaining("time does not go back");
  }

  @Test
  void theTimeOfTheSystemIsTheSystems() {
    var time = TimeSource.system();
    assertThat(time.now()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    var before = time.nanoTime();
    assertThat(time.nanoTime()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void aPolicyThatKeepsEverythingRunsInTheLabAlone() {
    var policy = FakePolicy.keepingLines();
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy.compile(List.of(FakePolicy.lines()), Mode.SEALED))
        .withMessageContaining("lab mode only");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy.compile(List.of(), Mode.LAB))
        .withMessageContaining("add parse(FakePolicy.lines()) to the plan");
    assertThatIllegalArgumentException().isThrownBy(() -> new FakePolicy.Line("a\nb"));
  }
}
