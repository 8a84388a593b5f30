package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that take all they can get, under the kernel of this machine. */
@RequiresProgram(value = "python3", root = true)
final class RealLimitsTest {
  private static final int KILLED = 128 + 9;

  private ControlGroups groups;

  @BeforeEach
  void find() {
    groups = ControlGroups.find(TimeSource.system());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    groups.close();
    var place = Path.of(groups.support().place());
    assertThat(place).doesNotExist();
    assertThat(Files.readString(Path.of("/proc/self/cgroup")))
        .doesNotContain(place.getFileName().toString());
  }

  @Test
  void aMemoryBombIsKilledAtItsLimitAndCounted() throws IOException, InterruptedException {
    var limit = 64L << 20;
    try (var group = groups.create(ControlLimits.none().withMemoryBytes(limit));
        var bomb = Child.in(group, "b = []\nwhile True: b.append(bytearray(1 << 20))")) {
      bomb.output();

      assertThat(bomb.process().exitValue()).isEqualTo(KILLED);
      assertThat(group.usage().oomKills()).hasValue(1);
      assertThat(group.usage().memoryPeakBytes().orElseThrow())
          .isGreaterThan(limit / 2)
          .isLessThanOrEqualTo(limit);
    }
  }

  @Test
  void aForkBombStopsAtItsLimitAndIsCounted() throws IOException, InterruptedException {
    var limit = 12;
    var bomb =
        """
        import os, time
        forks = 0
        try:
          while True:
            if os.fork() == 0:
              time.sleep(60)
              os._exit(0)
            forks += 1
        except OSError as e:
          print(forks, e.errno, flush=True)
        time.sleep(60)
        """;
    try (var group = groups.create(ControlLimits.none().withProcesses(limit));
        var child = Child.in(group, bomb)) {
      assertThat(child.line()).isEqualTo((limit - 1) + " 11");
      assertThat(group.usage().deniedForks().orElseThrow()).isPositive();
      assertThat(group.usage().processes()).hasValue(limit);
      assertThat(group.processes()).hasSize(limit);
    }
  }

  @Test
  void aFunctionThatMayHaveOneProcessStartsAndForksNone() throws IOException, InterruptedException {
    var fork =
        """
        import os
        try:
          os.fork()
        except OSError as e:
          print(e.errno)
        """;
    try (var group = groups.create(ControlLimits.none().withProcesses(1));
        var child = Child.in(group, fork)) {
      assertThat(child.output()).isEqualTo("11\n");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3})
  void aBusyLoopGetsItsShareOfAProcessor(double share) throws IOException, InterruptedException {
    try (var group = groups.create(ControlLimits.none().withCpuShare(share));
        var busy = Child.in(group, "print('on', flush=True)\nwhile True: pass")) {
      busy.line();
      var start = System.nanoTime();
      var before = group.usage();
      awaitThrottling(group, before.throttledPeriods().orElseThrow() + 100);
      var after = group.usage();
      var wall = System.nanoTime() - start;

      var used = after.cpuNanos().orElseThrow() - before.cpuNanos().orElseThrow();
      assertThat((double) used / wall).isCloseTo(share, Percentage.withPercentage(15));
      assertThat(after.throttledNanos().orElseThrow())
          .isGreaterThan(before.throttledNanos().orElseThrow());
    }
  }

  private static void awaitThrottling(ControlGroup group, long periods)
      throws IOException, InterruptedException {
    while (group.usage().throttledPeriods().orElseThrow() < periods) {
      Thread.sleep(1);
    }
  }

  @Test
  void processorTimeIsThatOfAllProcessesTheDeadOnesToo() throws IOException, InterruptedException {
    var work =
        """
        import os, time
        def burn():
          while time.process_time() < 0.2: pass
        if os.fork() == 0:
          burn()
          os._exit(0)
        os.wait()
        burn()
        """;
    try (var group = groups.create(ControlLimits.none());
        var child = Child.in(group, work)) {
      child.output();
      assertThat(group.usage().cpuNanos().orElseThrow()).isBetween(400_000_000L, 1_000_000_000L);
    }
  }

  @Test
  void daemonsThatHideFromTheirParentAreKilledWithIt() throws IOException, InterruptedException {
    var daemons =
        """
        import os, time
        for i in range(5):
          if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
              os.close(0); os.close(2)
              os.write(1, b'%d\\n' % os.getpid())
              time.sleep(600)
            os._exit(0)
        time.sleep(600)
        """;
    try (var group = groups.create(ControlLimits.none());
        var child = Child.in(group, daemons)) {
      var daemon = new ArrayList<Long>(List.of(child.process().pid()));
      for (var i = 0; i < 5; i++) {
        daemon.add(Long.valueOf(child.line()));
      }
      assertThat(group.processes()).containsAll(daemon);

      assertThat(group.kill(Duration.ofSeconds(10))).isTrue();
      child.process().waitFor();
      assertThat(daemon).noneMatch(RealLimitsTest::runs);
    }
  }

  /** A process that nobody waits for may stay as a zombie until its new parent looks. */
  private static boolean runs(long pid) {
    try {
      return !Files.readString(Path.of("/proc/" + pid + "/stat")).matches("(?s).*\\) [ZX] .*");
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void aFastForkerIsKilled() throws IOException, InterruptedException {
    var forker = "import os\nprint('on', flush=True)\nwhile True:\n  if os.fork(): os._exit(0)";
    try (var group = groups.create(ControlLimits.none().withProcesses(50));
        var child = Child.in(group, forker)) {
      child.line();
      assertThat(group.kill(Duration.ofSeconds(10))).isTrue();
      assertThat(group.processes()).isEmpty();
    }
  }

  @Test
  void noThreadOfThisProcessStaysInsideAfterTheSpawn() throws IOException, InterruptedException {
    try (var group = groups.create(ControlLimits.none());
        var child = Child.in(group, "import time; time.sleep(60)")) {
      assertThat(group.usage().processes()).hasValue(1);
      assertThat(group.processes()).containsExactly(child.process().pid());
    }
  }
}
