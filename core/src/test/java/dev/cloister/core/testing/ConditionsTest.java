package dev.cloister.core.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Runs small test classes as JUnit does, on a machine that lacks things and one that has them. */
final class ConditionsTest {
  private static final String STRICT = "cloister.system";

  @TempDir private Path data;
  private @Nullable String strictBefore;
  private @Nullable String sharedBefore;

  /** Not picked up by the build: its name ends otherwise. */
  static final class Sample {
    @Test
    @RequiresProgram("sh")
    void has() {}

    @Test
    @RequiresProgram({"sh", "no-such-program", "nor-this"})
    void lacks() {}

    @Test
    @RequiresProgram(
        value = {},
        root = true)
    void root() {}

    @Test
    @RequiresShared
    void shared() throws IOException {
      assertThat(SharedData.path("some/file")).hasContent("x");
    }
  }

  /** All of it needs something. */
  @RequiresProgram("no-such-program")
  static final class WholeSample {
    @Test
    void any() {}
  }

  @BeforeEach
  void forgetHowThisBuildWasStarted() {
    strictBefore = System.clearProperty(STRICT);
    sharedBefore = System.clearProperty(SharedData.PROPERTY);
  }

  @AfterEach
  void restore() {
    set(STRICT, strictBefore);
    set(SharedData.PROPERTY, sharedBefore);
  }

  private static void set(String property, @Nullable String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  private static Events run(String method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(Sample.class, method))
        .execute()
        .testEvents();
  }

  private static Optional<String> skipped(Events events) {
    return events.skipped().stream()
        .map(event -> event.getRequiredPayload(String.class))
        .findFirst();
  }

  private static String failure(Events events) {
    return events.failed().stream()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
        .map(result -> String.valueOf(result.getThrowable().orElseThrow().getCause()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aTestRunsWhereItsProgramIs() {
    assertThat(run("has").succeeded().count()).isEqualTo(1);
  }

  @Test
  void aTestIsSkippedInOneLineThatNamesEveryProgramThatIsMissing() {
    assertThat(skipped(run("lacks")))
        .contains(
            "needs program \"no-such-program\" on the PATH, program \"nor-this\" on the PATH");
  }

  @Test
  void aWholeClassIsSkippedAtOnce() {
    var skipped =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(WholeSample.class))
            .execute()
            .containerEvents()
            .skipped()
            .stream()
            .map(Event::getPayload)
            .flatMap(Optional::stream)
            .toList();
    assertThat(skipped).isEqualTo(List.of("needs program \"no-such-program\" on the PATH"));
  }

  @Test
  void aTestThatMayNotBeSkippedFailsInstead() {
    System.setProperty(STRICT, "required");
    assertThat(failure(run("lacks")))
        .contains("needs program \"no-such-program\" on the PATH, program")
        .contains("-Dcloister.system=required forbids to skip this test");
    assertThat(failure(run("shared"))).contains("-Dcloister.shared=DIRECTORY");
    assertThat(run("has").succeeded().count()).isEqualTo(1);
  }

  @Test
  void rootIsWhoTheKernelSaysIsRoot() throws IOException, InterruptedException {
    var id = new ProcessBuilder("id", "-u").start();
    var root = new String(id.getInputStream().readAllBytes(), US_ASCII).strip().equals("0");
    assertThat(id.waitFor()).isZero();
    var events = run("root");
    assertThat(events.succeeded().count()).isEqualTo(root ? 1 : 0);
    assertThat(skipped(events)).isEqualTo(root ? Optional.empty() : Optional.of("needs user root"));
  }

  @Test
  void theTagLeavesItOut() {
    var events =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(Sample.class))
            .filters(TagFilter.excludeTags("system"))
            .execute()
            .testEvents();
    assertThat(events.list())
        .isNotEmpty()
        .allSatisfy(
            event -> assertThat(event.getTestDescriptor().getDisplayName()).isEqualTo("shared()"));
  }

  @Test
  void sharedDataIsReadWhereTheDirectoryIsNamed() throws IOException {
    Files.createDirectory(data.resolve("some"));
    Files.writeString(data.resolve("some/file"), "x");
    System.setProperty(SharedData.PROPERTY, data.toString());
    assertThat(run("shared").succeeded().count()).isEqualTo(1);
  }

  @Test
  void sharedDataIsSkippedWhereNoDirectoryIsNamed() throws IOException {
    var expected = Optional.of("needs test data: say where it is with -Dcloister.shared=DIRECTORY");
    assertThat(skipped(run("shared"))).isEqualTo(expected);
    System.setProperty(SharedData.PROPERTY, "");
    assertThat(skipped(run("shared"))).isEqualTo(expected);
    var file = Files.createFile(data.resolve("file"));
    System.setProperty(SharedData.PROPERTY, file.toString());
    assertThat(skipped(run("shared"))).isEqualTo(expected);
  }

  @Test
  void dataThatIsNotThereIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> SharedData.path("a/b"))
        .withMessage("test data \"a/b\": -Dcloister.shared must name a directory");
    System.setProperty(SharedData.PROPERTY, data.toString());
    assertThatIllegalStateException()
        .isThrownBy(() -> SharedData.path("a/b"))
        .withMessage("test data \"" + data.resolve("a/b") + "\" is not there");
  }
}
