package dev.cloister.tor.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Denied;
import dev.cloister.core.testing.FakeTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How many lines a function may say. */
final class RateTest {
  private final FakeTime time = FakeTime.startingAt(Instant.EPOCH);
  private final Rate rate = new Rate(time, 10);

  private int taken() {
    for (var count = 0; ; count++) {
      try {
        rate.take();
      } catch (Denied _) {
        return count;
      }
    }
  }

  @Test
  void soManyAtOnceAndThenSoManyASecond() {
    assertThat(taken()).isEqualTo(TorGrant.LINES_AT_ONCE);
    time.advance(Duration.ofSeconds(1));
    assertThat(taken()).isEqualTo(10);
  }

  @Test
  void noMoreIsSavedUpThanTheBound() {
    time.advance(Duration.ofDays(365));
    assertThat(taken()).isEqualTo(TorGrant.LINES_AT_ONCE);
  }

  @Test
  void aRefusedLineCostsNothing() {
    taken();
    assertThatThrownBy(rate::take).isInstanceOf(Denied.class).hasMessageContaining("tor.rate");
    time.advance(Duration.ofMillis(100));
    assertThat(taken()).isEqualTo(1);
  }
}
