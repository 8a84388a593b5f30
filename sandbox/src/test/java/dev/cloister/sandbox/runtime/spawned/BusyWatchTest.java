package dev.cloister.sandbox.runtime.spawned;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.FakeTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BusyWatchTest {
  private final FakeTime time = FakeTime.startingAt(Instant.EPOCH);
  private long cpuNanos;

  private boolean look(BusyWatch watch, double milliseconds, double used) {
    time.advance(Duration.ofNanos((long) (milliseconds * 1e6)));
    cpuNanos += (long) (used * 1e6);
    return watch.look(cpuNanos);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 10.1, true",
    "1, 9.9, false",
    "0.5, 5.1, true",
    "0.5, 4.9, false",
    "2, 20.1, true",
    "2, 19.9, false",
    "0.001, 0.1, true"
  })
  void oneThatUsesMoreThanHalfOfItsShareIsBusy(double share, double used, boolean busy) {
    var watch = begun(share);
    assertThat(look(watch, 20, used)).isEqualTo(busy);
  }

  @Test
  void whatWasUsedBeforeItsCodeBeganDoesNotCount() {
    var watch = new BusyWatch(1, time);
    assertThat(look(watch, 500, 500)).isFalse();
    assertThat(look(watch, 20, 20)).isFalse();
    watch.begin(cpuNanos);
    assertThat(look(watch, 20, 1)).isFalse();
  }

  @Test
  void oneThatBeginsIsBusyUntilTheFirstLook() {
    var watch = begun(1);
    assertThat(look(watch, 0, 0)).isTrue();
    assertThat(look(watch, 19.9, 0)).isTrue();
    assertThat(look(watch, 0.1, 0)).isFalse();
  }

  @Test
  void untilALookIsDueTheLastOneHolds() {
    var watch = begun(1);
    look(watch, 20, 0);
    assertThat(look(watch, 19.9, 19.9)).isFalse();
    assertThat(look(watch, 0.1, 0.1)).isTrue();
    assertThat(look(watch, 19.9, 0)).isTrue();
    assertThat(look(watch, 0.1, 0)).isFalse();
  }

  @Test
  void aLongLookIsMeasuredAsItWas() {
    var watch = begun(1);
    assertThat(look(watch, 1_000, 499)).isFalse();
    assertThat(look(watch, 1_000, 501)).isTrue();
  }

  private BusyWatch begun(double share) {
    var watch = new BusyWatch(share, time);
    watch.begin(cpuNanos);
    return watch;
  }
}
