package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library runs as modules and without them, and says how far it is on terminals alone. */
final class BothPathsTest {
  @TempDir private Path directory;

  private Path output() {
    return directory.resolve("output");
  }

  private String intoOutput() {
    return "--out=" + output();
  }

  private void assertTraced(Run run) throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).as("progress is for terminals").isEmpty();
    assertThat(run.out()).contains("heartbeats: valid");
    var summary = Summary.of(output());
    assertThat(summary.number("analysed")).isEqualTo(4088);
    assertThat(summary.number("httpRequests")).isEqualTo(439);
    assertThat(Files.readString(output().resolve("posture.json")))
        .as("native calls are allowed")
        .doesNotContain("native access is not granted");
  }

  @Test
  void theShippedCaptureIsTracedOnTheModulePath() throws Exception {
    assertTraced(
        JavaChild.run(JavaChild.onModulePath(JavaChild.FLAGS, "Trace", intoOutput()), directory));
  }

  @Test
  void theShippedCaptureIsTracedOnTheClassPath() throws Exception {
    var flags = List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny");
    assertTraced(JavaChild.run(JavaChild.onClassPath(flags, "Trace", intoOutput()), directory));
  }

  @Test
  @RequiresProgram("script")
  void progressIsShownOnATerminal() throws Exception {
    var command = JavaChild.onModulePath(JavaChild.FLAGS, "Trace", intoOutput());
    var quoted = command.stream().map(word -> "'" + word + "'").toList();
    var run =
        JavaChild.run(List.of("script", "-qec", String.join(" ", quoted), "/dev/null"), directory);
    assertThat(run.exit()).as(run.out()).isZero();
    assertThat(run.out()).contains("packets captured (").contains("heartbeats: valid");
  }
}
