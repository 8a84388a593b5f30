package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FillForecastTest {
  private static final Duration NEAR = Duration.ofMinutes(5);
  private static final long SECOND = 1_000_000_000;

  private final FillForecast forecast = new FillForecast(1_000_000, NEAR, 0);
  private long second;

  private Optional<Duration> next(long held) {
    assertThat(forecast.due(second * SECOND)).isZero();
    var warning = forecast.observe(second * SECOND, held);
    assertThat(forecast.due(second * SECOND)).isEqualTo(SECOND);
    second++;
    return warning;
  }

  @Test
  void aBufferThatFillsEvenlyWarnsFiveMinutesBeforeItIsFull() {
    for (var held = 0; held < 700_000; held += 1000) {
      assertThat(next(held)).as("at %d", held).isEmpty();
    }
    assertThat(next(700_000)).hasValue(NEAR);
    for (var held = 701_000; held <= 1_000_000; held += 1000) {
      assertThat(next(held)).isEmpty();
    }
  }

  @Test
  void aBufferThatDrainsAndFillsAgainWarnsAgain() {
    for (var round = 0; round < 3; round++) {
      var warnings = 0;
      for (var held = 0; held <= 900_000; held += 5000) {
        warnings += next(held).isPresent() ? 1 : 0;
      }
      assertThat(warnings).as("round %d", round).isEqualTo(1);
      for (var held = 900_000; held >= 0; held -= 5000) {
        assertThat(next(held)).isEmpty();
      }
    }
  }

  @Test
  void aBufferThatStaysAsItIsOrComesAndGoesNeverWarns() {
    for (var i = 0; i < 1000; i++) {
      assertThat(next(990_000)).isEmpty();
    }
    for (var i = 0; i < 6000; i++) {
      assertThat(next(500_000 + (i % 60) * 100)).isEmpty();
    }
  }

  @Test
  void whoLooksLessOftenSeesTheSamePace() {
    for (var minute = 0L; minute < 33; minute++) {
      assertThat(forecast.observe(minute * 60 * SECOND, minute * 20_000))
          .as("minute %d", minute)
          .isEmpty();
    }
    // At 20,000 bytes a minute 100,000 are left for five.
    assertThat(forecast.observe(45 * 60 * SECOND, 900_000)).hasValue(NEAR);
  }

  @Test
  void aBufferThatIsFullWarnsOnceItIs() {
    for (var i = 0; i < 10; i++) {
      assertThat(next(0)).isEmpty();
    }
    assertThat(next(1_000_000)).hasValue(Duration.ZERO);
  }
}
