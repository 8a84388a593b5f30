package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cloister.tracing.tracer.CapacityPlanner.Level;
import dev.cloister.tracing.tracer.CapacityPlanner.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CapacityPlannerTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final double DRAIN = 1000;

  /** A weekday that peaks by p, and ends with Δ unprocessed: 12 h above the drain, 12 h below. */
  private static List<Load> week(double peakBytes, double delta, double weekend) {
    var half = DAY.dividedBy(2);
    var cycle = new ArrayList<Load>();
    for (var day = 0; day < 5; day++) {
      cycle.add(new Load(half, DRAIN + peakBytes / half.toSeconds()));
      cycle.add(new Load(half, DRAIN - (peakBytes - delta) / half.toSeconds()));
    }
    cycle.add(new Load(DAY, weekend));
    cycle.add(new Load(DAY, weekend));
    return cycle;
  }

  @ParameterizedTest
  @CsvSource({"5e6, 1e6", "4e7, 1e7", "1e6, 1", "3e7, 3e7"})
  void fiveEqualWeekdaysNeedFourTimesWhatIsLeftAndThePeak(double peak, double delta) {
    // The weekend catches up 5Δ exactly, so that it is the slowest that does.
    var weekend = DRAIN - 5 * delta / DAY.multipliedBy(2).toSeconds();
    var planner = CapacityPlanner.repeating(week(peak, delta, weekend));
    var needed = (long) (4 * delta + peak);
    var plan = planner.plan(DRAIN, needed);
    assertThat(plan.continuous()).isTrue();
    assertThat(plan.peakBytes()).isCloseTo(needed, within(1L));
    assertThat(plan.neededBytes()).hasValue(plan.peakBytes());
    assertThat(plan.fullAt()).isEmpty();
    assertThat(planner.plan(DRAIN, needed - 2).continuous()).isFalse();
  }

  @Test
  void aWeekendThatCatchesUpLessThanTheWeekLeavesNeverDrains() {
    var weekend = DRAIN - 4.9e6 / DAY.multipliedBy(2).toSeconds();
    var planner = CapacityPlanner.repeating(week(5e6, 1e6, weekend));
    var plan = planner.plan(DRAIN, 90_000_000);
    assertThat(plan.continuous()).isFalse();
    assertThat(plan.neededBytes()).isEmpty();
    // 0.1 MB a week are left: it is full when the 9 MB of a week's peak no longer fit.
    assertThat(plan.fullAt().orElseThrow())
        .isBetween(DAY.multipliedBy(7 * 811), DAY.multipliedBy(7 * 812));
  }

  @Test
  void aLoadThatWrapsAroundTheCyclesEndIsMetWhole() {
    var cycle =
        List.of(new Load(HOUR, 3000), new Load(HOUR, 0), new Load(HOUR, 0), new Load(HOUR, 2000));
    var plan = CapacityPlanner.repeating(cycle).plan(2000, 1L << 40);
    assertThat(plan.peakBytes()).isEqualTo(3_600_000);
    plan = CapacityPlanner.repeating(cycle).plan(1500, 1L << 40);
    assertThat(plan.neededBytes()).hasValue(7_200_000);
    assertThat(plan.levels().getFirst().bytes()).isEqualTo(1_800_000);
  }

  @Test
  void aBufferThatIsFullSaysWhen() {
    var cycle = List.of(new Load(HOUR, 500), new Load(HOUR, 1500), new Load(HOUR, 0));
    var plan = CapacityPlanner.repeating(cycle).plan(1000, 900_000);
    assertThat(plan.fullAt()).hasValue(HOUR.plusMinutes(30));
    assertThat(plan.peakBytes()).isEqualTo(1_800_000);
    assertThat(plan.levels())
        .containsExactly(
            new Level(Duration.ZERO, 0),
            new Level(Duration.ZERO, 0),
            new Level(HOUR, 0),
            new Level(HOUR.plusMinutes(30), 900_000),
            new Level(HOUR.multipliedBy(2), 900_000),
            new Level(HOUR.multipliedBy(2).plusMinutes(15), 0),
            new Level(HOUR.multipliedBy(3), 0));
  }

  /** Second by second, with whole numbers: what the planner works out in steps. */
  private static final class BySeconds {
    private final int[] rates;
    private long held;
    private long peak;
    private long fullAt = -1;

    BySeconds(int[] rates) {
      this.rates = rates;
    }

    void run(int drain, long capacity, int cycles) {
      for (var second = 0; second < cycles * rates.length; second++) {
        var after = held + rates[second % rates.length] - drain;
        if (after > capacity && fullAt < 0) {
          fullAt = second;
        }
        held = Math.clamp(after, 0, capacity);
        peak = Math.max(peak, held);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyCycleComesToWhatCountingSecondBySecondComesTo(long seed) {
    var random = new Random(seed);
    for (var round = 0; round < 100; round++) {
      var rates = random.ints(1 + random.nextInt(40), 0, 100).toArray();
      var cycle = new ArrayList<Load>();
      for (var rate : rates) {
        cycle.add(new Load(Duration.ofSeconds(1), rate));
      }
      var drain = 30 + random.nextInt(50);
      var buffer = random.nextInt(1500);
      var plan = CapacityPlanner.repeating(cycle).plan(drain, buffer);
      var free = new BySeconds(rates);
      free.run(drain, Long.MAX_VALUE / 2, plan.neededBytes().isPresent() ? 3 : 1);
      assertThat(plan.peakBytes()).as("seed %d round %d", seed, round).isEqualTo(free.peak);
      var bounded = new BySeconds(rates);
      bounded.run(drain, buffer, 2000);
      if (bounded.fullAt < 0) {
        assertThat(plan.fullAt()).as("seed %d round %d", seed, round).isEmpty();
      } else {
        assertThat(plan.fullAt().orElseThrow().toMillis())
            .as("seed %d round %d", seed, round)
            .isBetween(1000 * bounded.fullAt - 1, 1000 * bounded.fullAt + 1000);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aForecastFromTheMiddleIsThatOfTheRotatedCycle(long seed) {
    var random = new Random(seed);
    for (var round = 0; round < 50; round++) {
      var cycle = new ArrayList<Load>();
      for (var step = 0; step < 10; step++) {
        cycle.add(new Load(HOUR, random.nextInt(100)));
      }
      var into = random.nextInt(10);
      var rotated = new ArrayList<>(cycle);
      Collections.rotate(rotated, -into);
      var held = random.nextInt(100_000);
      assertThat(
              CapacityPlanner.repeating(cycle)
                  .untilFull(HOUR.multipliedBy(into + 10L), held, 45, 150_000))
          .as("seed %d round %d", seed, round)
          .isEqualTo(
              CapacityPlanner.repeating(rotated).untilFull(Duration.ZERO, held, 45, 150_000));
    }
  }

  @Test
  void aSteadyLoadFillsWhatIsLeft() {
    assertThat(CapacityPlanner.steady(300).untilFull(Duration.ofMinutes(7), 1000, 200, 31_000))
        .hasValue(Duration.ofMinutes(5));
    assertThat(CapacityPlanner.steady(200).untilFull(Duration.ZERO, 1000, 200, 31_000)).isEmpty();
    assertThat(CapacityPlanner.steady(200.000001).untilFull(Duration.ZERO, 0, 200, Long.MAX_VALUE))
        .isEmpty();
  }

  @Test
  void whatIsNoRateIsRefused() {
    for (var rate : List.of(-1.0, Double.NaN, Double.POSITIVE_INFINITY)) {
      assertThatThrownBy(() -> new Load(HOUR, rate))
          .hasMessageContaining("must be a number, 0 or more");
      assertThatThrownBy(() -> CapacityPlanner.steady(1).plan(rate, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> CapacityPlanner.repeating(List.of())).hasMessageContaining("give one");
    assertThatThrownBy(() -> new Load(Duration.ZERO, 1)).hasMessageContaining("more than 0");
    assertThatThrownBy(() -> CapacityPlanner.steady(1).plan(1, -1))
        .hasMessageContaining("0 or more");
  }
}
