package dev.cloister.core.testing;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

/**
 * What becomes of a test whose machine lacks something: it is skipped in one line, or fails where
 * skipping is forbidden. What is lacking, others find out.
 */
public final class Requirement {
  private Requirement() {}

  /**
   * Decides about a test.
   *
   * @param missing what it needs and the machine has not; empty when it can run
   * @return that it runs, or is skipped with one line that names all of them
   * @throws IllegalStateException instead of skipping it, under {@code -Dcloister.system=required}
   */
  public static ConditionEvaluationResult decide(List<String> missing) {
    if (missing.isEmpty()) {
      return enabled("everything it needs is here");
    }
    var reason = "needs " + String.join(", ", missing);
    if ("required".equals(System.getProperty("cloister.system"))) {
      throw new IllegalStateException(
          reason + ": -Dcloister.system=required forbids to skip this test");
    }
    return disabled(reason);
  }
}
