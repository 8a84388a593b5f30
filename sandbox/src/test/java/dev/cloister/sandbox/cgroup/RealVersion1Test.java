package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The contract on the hierarchies of this machine, where its controllers are version 1's. */
@RequiresProgram(value = "sleep", root = true)
@EnabledIf(
    value = "isMounted",
    disabledReason = "the controllers of this machine are not version 1's")
final class RealVersion1Test extends ControlGroupContract {
  private final List<Process> started = new ArrayList<>();

  static boolean isMounted() {
    return Files.exists(Path.of("/sys/fs/cgroup/memory/tasks"));
  }

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Override
  ControlPlaces places() {
    return ControlPlaces.standard();
  }

  @Override
  Kernel kernel() {
    return Kernel.Running.INSTANCE;
  }

  @Override
  long process() throws IOException {
    var process = new ProcessBuilder("sleep", "1000").start();
    started.add(process);
    return process.pid();
  }

  @Override
  ControlSupport.Version version() {
    return ControlSupport.Version.V1;
  }

  @Test
  void aRefusedLimitNamesFileAndValueAndLeavesNoGroup() throws IOException {
    try (var groups = find()) {
      var place = Path.of(groups.support().place());
      var before = kernel().directoriesIn(place);
      var impossible = ControlLimits.none().withProcesses(1L << 40);

      assertThatThrownBy(() -> groups.create(impossible))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("\"1099511627776\" in ")
          .hasMessageContaining("pids.max: Invalid argument");
      assertThat(kernel().directoriesIn(place)).isEqualTo(before);
    }
  }
}
