package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A tracer is killed at a random moment of each of its steps. {@code cloister.kills} tells how
 * often, 5 times unless set.
 */
@EnabledOnOs(OS.LINUX)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RandomKillTest {
  private static final int BURSTS = 4;
  private static final int TRIES = 20;

  private final Planted planted;
  private final Random random;

  @TempDir private Path directory;

  RandomKillTest(@TempDir Path shared) throws IOException {
    planted = Planted.in(shared, BURSTS);
    random = new Random(planted.seed());
  }

  /** When a tracer is killed. */
  enum Moment {
    /** Nothing is on disk yet, and nothing will be. */
    CAPTURE(PhasedTrace.CAPTURE, 1L << 30, 300),
    /** Encrypted blocks are being written. */
    SPILL_WRITE(PhasedTrace.CAPTURE, 1L << 20, 100),
    /** They are being read. */
    SPILL_READ(PhasedTrace.ANALYSIS, 1L << 20, 500),
    /** The context closes, with half of it all in memory and half on disk. */
    CLOSE(PhasedTrace.CLOSE, 16L << 20, 4);

    private final String step;
    private final long memoryBytes;
    private final long longestMillis;

    Moment(String step, long memoryBytes, long longestMillis) {
      this.step = step;
      this.memoryBytes = memoryBytes;
      this.longestMillis = longestMillis;
    }
  }

  static Stream<Moment> kills() {
    var moments = Moment.values();
    return IntStream.range(0, Integer.getInteger("cloister.kills", 5))
        .mapToObj(number -> moments[number % moments.length]);
  }

  private static void awaitStep(KilledProcess killed, Process process, String step)
      throws IOException {
    var said = process.inputReader();
    while (!step.equals(said.readLine())) {
      killed.checkLives(process);
    }
  }

  private static void awaitBytes(KilledProcess killed, Process process) throws IOException {
    while (KilledProcess.bytesIn(killed.spill) == 0) {
      killed.checkLives(process);
      Thread.onSpinWait();
    }
  }

  private static void spin(long nanos) {
    var begun = System.nanoTime();
    while (System.nanoTime() - begun < nanos) {
      Thread.onSpinWait();
    }
  }

  /**
   * Kills a tracer; false when the step was over before it died. A reading is, before the analysis
   * ends, once its last file is released.
   */
  private boolean kill(KilledProcess killed, Moment moment, long nanos) throws IOException {
    var command =
        JavaChild.onClassPath(
            killed.flags(List.of("--enable-native-access=ALL-UNNAMED")),
            "PhasedTrace",
            planted.large().toString(),
            killed.output.toString(),
            killed.spill.toString(),
            Long.toString(moment.memoryBytes));
    var later =
        killed.kill(
            command,
            process -> {
              awaitStep(killed, process, moment.step);
              if (moment == Moment.SPILL_WRITE) {
                awaitBytes(killed, process);
              }
              spin(nanos);
            });
    var inStep = later.isEmpty();
    return inStep && (moment != Moment.SPILL_READ || KilledProcess.bytesIn(killed.spill) > 0);
  }

  private KilledProcess killedIn(Moment moment) throws IOException {
    var longest = TimeUnit.MILLISECONDS.toNanos(moment.longestMillis);
    for (var tries = 0; tries < TRIES; tries++) {
      var killed = new KilledProcess(Files.createDirectory(directory.resolve("try-" + tries)));
      if (kill(killed, moment, random.nextLong(longest))) {
        return killed;
      }
      // This machine is faster than that.
      longest = longest / 2 + 1;
    }
    throw new AssertionError("no tracer died in " + moment + ", seed " + planted.seed());
  }

  @ParameterizedTest
  @MethodSource("kills")
  void whateverItWasAtNothingCanBeReadAndTheNextCleansUp(Moment moment) throws IOException {
    var killed = killedIn(moment);
    if (moment == Moment.SPILL_WRITE || moment == Moment.SPILL_READ) {
      assertThat(KilledProcess.bytesIn(killed.spill)).isPositive();
    }
    assertThat(planted.search().in(killed.files())).as("seed " + planted.seed()).isEmpty();
    var run = planted.tracedAfter(killed, directory.resolve("next"));
    assertThat(run.exit()).as(run.err()).isZero();
    var left = new ArrayList<Path>();
    if (Files.exists(killed.spill)) {
      try (var files = Files.list(killed.spill)) {
        files.forEach(left::add);
      }
    }
    assertThat(left).as("what the killed one left is removed").isEmpty();
  }
}
