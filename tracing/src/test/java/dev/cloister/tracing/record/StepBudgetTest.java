package dev.cloister.tracing.record;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

/** A parser may work as much as its input allows, and no more. */
final class StepBudgetTest {
  private static void take(StepBudget steps, int times) {
    for (var i = 0; i < times; i++) {
      steps.take();
    }
  }

  private static void assertSpent(StepBudget steps) {
    assertThatExceptionOfType(StepBudget.Exceeded.class)
        .isThrownBy(steps::take)
        .withMessage("more steps than the input allows");
  }

  @Test
  void aLittleIsAllowedToBeginWith() {
    var steps = new StepBudget();
    take(steps, 1024);
    assertSpent(steps);
  }

  @Test
  void everyByteAllowsEightStepsMore() {
    var steps = new StepBudget();
    steps.allow(100);
    take(steps, 1024 + 800);
    assertSpent(steps);
  }

  @Test
  void whatIsSpentStaysSpentUntilThereIsMoreInput() {
    var steps = new StepBudget();
    take(steps, 1024);
    assertSpent(steps);
    assertSpent(steps);
    steps.allow(10);
    assertThatCode(() -> take(steps, 78)).doesNotThrowAnyException();
    assertSpent(steps);
  }

  @Test
  void endlessInputDoesNotOverflow() {
    var steps = new StepBudget();
    for (var i = 0; i < 100_000; i++) {
      steps.allow(Integer.MAX_VALUE);
    }
    assertThatCode(() -> take(steps, 1_000_000)).doesNotThrowAnyException();
  }
}
