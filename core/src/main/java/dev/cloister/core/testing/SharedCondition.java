package dev.cloister.core.testing;

import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link RequiresShared}. */
final class SharedCondition implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return Requirement.decide(
        SharedData.directory().isPresent()
            ? List.of()
            : List.of(
                "test data: say where it is with -D%s=DIRECTORY".formatted(SharedData.PROPERTY)));
  }
}
