package dev.cloister.core.testing;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

/** What becomes of a test whose machine lacks something. */
final class Requirement {
  private Requirement() {}

  /** Skips the test with one line; throws where skipping is forbidden. */
  static ConditionEvaluationResult decide(List<String> missing) {
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
