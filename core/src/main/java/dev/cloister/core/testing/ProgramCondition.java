package dev.cloister.core.testing;

import dev.cloister.core.internal.RootUser;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link RequiresProgram}. */
final class ProgramCondition implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return Requirement.decide(
        AnnotationSupport.findAnnotation(context.getElement(), RequiresProgram.class)
            .map(ProgramCondition::missing)
            .orElse(List.of()));
  }

  private static List<String> missing(RequiresProgram wanted) {
    var missing = new ArrayList<String>();
    for (var program : wanted.value()) {
      if (!onPath(program)) {
        missing.add("program \"" + program + "\" on the PATH");
      }
    }
    if (wanted.root() && !RootUser.isOurs()) {
      missing.add("user root");
    }
    return missing;
  }

  private static boolean onPath(String program) {
    var path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, program))
        .anyMatch(file -> Files.isRegularFile(file) && Files.isExecutable(file));
  }
}
