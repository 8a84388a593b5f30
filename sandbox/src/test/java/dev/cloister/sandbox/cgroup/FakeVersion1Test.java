package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FakeVersion1Test extends ControlGroupContract {
  @TempDir private Path scratch;
  private FakeKernel kernel;

  @BeforeEach
  void mount() throws IOException {
    kernel = new FakeKernel(scratch, "memory", "pids", "cpu", "cpuacct", "freezer");
  }

  @Override
  ControlPlaces places() {
    return new ControlPlaces(kernel.root, kernel.proc, "");
  }

  @Override
  Kernel kernel() {
    return kernel;
  }

  @Override
  long process() throws IOException {
    return kernel.start(0);
  }

  @Override
  ControlSupport.Version version() {
    return ControlSupport.Version.V1;
  }

  private Path file(ControlGroups groups, ControlGroup group, String hierarchy, String name) {
    var host = Path.of(groups.support().place()).getFileName();
    var parent = kernel.root.resolve(hierarchy);
    var directory =
        hierarchy.equals("cpu")
            ? parent.resolve(host + "." + group.name())
            : parent.resolve(host).resolve(group.name());
    return directory.resolve(name);
  }

  @Test
  void everyLimitIsWrittenAsTheKernelTakesIt() throws IOException {
    var limits = ControlLimits.none().withMemoryBytes(64 << 20).withProcesses(9).withCpuShare(0.25);
    try (var groups = find();
        var group = groups.create(limits)) {
      var cpu = file(groups, group, "cpu", "cpu.cfs_quota_us");
      assertThat(cpu).hasContent("2500");
      assertThat(cpu.resolveSibling("cpu.cfs_period_us")).hasContent("10000");
      assertThat(file(groups, group, "pids", "pids.max")).hasContent("9");
      var memory = file(groups, group, "memory", "memory.limit_in_bytes");
      assertThat(memory).hasContent("67108864");
      assertThat(memory.resolveSibling("memory.memsw.limit_in_bytes")).hasContent("67108864");
    }
  }

  @Test
  void everyNumberIsRead() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThat(group.usage()).isEqualTo(FakeVersion2Test.usage());
    }
  }

  @ParameterizedTest
  @CsvSource({"memory,MEMORY", "pids,PROCESSES", "cpu,CPU_SHARE"})
  void aControllerThatIsNotMountedIsNamedAndNotClaimed(String hierarchy, ControlLimit limit)
      throws IOException {
    kernel.remove(kernel.root.resolve(hierarchy));
    try (var groups = find();
        var group =
            groups.create(
                ControlLimits.none().withMemoryBytes(1 << 20).withProcesses(4).withCpuShare(1))) {
      assertThat(groups.support().enforced()).doesNotContain(limit);
      assertThat(group.enforced()).doesNotContain(limit);
      assertThat(groups.support().lacks())
          .anyMatch(line -> line.startsWith(hierarchy + ": no hierarchy of version 1"));
    }
  }

  @Test
  void numbersOfAControllerThatIsNotMountedAreEmptyNotZero() throws IOException {
    kernel.remove(kernel.root.resolve("cpuacct"));
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThat(group.usage().cpuNanos()).isEmpty();
      assertThat(group.usage().memoryBytes()).hasValue(4096);
    }
  }

  @Test
  void withoutTheFreezerKillStillLeavesNobody() throws IOException {
    kernel.remove(kernel.root.resolve("freezer"));
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      group.enter(Entry.ofProcess(process())).close();

      assertThat(group.kill(LONG)).isTrue();
      assertThat(group.processes()).isEmpty();
    }
  }

  @Test
  void aThreadThatIsInsideIsAllowedForAndLeavesToItsOrigin() throws IOException {
    var tid = ProcessHandle.current().pid();
    try (var groups = find();
        var group = groups.create(ControlLimits.none().withProcesses(1))) {
      var max = file(groups, group, "pids", "pids.max");
      try (var _ = group.enter(Entry.ofThread(tid))) {
        assertThat(max).hasContent("2");
        assertThat(kernel.read(max.resolveSibling("tasks"))).isEqualTo("" + tid);
        assertThatThrownBy(() -> group.enter(Entry.ofThread(tid)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has a thread inside");
      }
      assertThat(max).hasContent("1");
      assertThat(kernel.read(kernel.root.resolve("pids/tasks"))).isEqualTo("" + tid);
    }
  }

  @Test
  void aThreadOfAnotherProcessIsRefused() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThatThrownBy(() -> group.enter(Entry.ofThread(FakeKernel.FIRST_PID)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be one of this process");
    }
  }

  @Test
  void aProcessEntersWithItsDescendants() throws IOException {
    var pid = process();
    var child = kernel.start(pid);
    var grandchild = kernel.start(child);
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      var before = group.usage().cpuNanos().orElseThrow();
      group.enter(Entry.ofProcess(pid));

      assertThat(group.processes()).containsExactly(pid, child, grandchild);
      assertThat(group.usage().cpuNanos()).hasValue(before + 15_000);
    }
  }

  @Test
  void groupsLieBelowThatOfTheHostItself() throws IOException {
    kernel.make(kernel.root.resolve("pids/service"));
    Files.writeString(kernel.proc.resolve("self/cgroup"), "4:pids:/service\n3:memory:/elsewhere\n");
    try (var groups = find()) {
      var host = Path.of(groups.support().place()).getFileName();
      assertThat(kernel.root.resolve("pids/service").resolve(host)).exists();
      assertThat(kernel.root.resolve("memory").resolve(host)).exists();
    }
  }

  @Test
  void aNamedParentThatIsNotThereIsALackAndNotReplaced() throws IOException {
    var places = places().under("/delegated");
    try (var groups = ControlGroups.find(places, kernel, dev.cloister.core.TimeSource.system())) {
      assertThat(groups.support().version()).isEqualTo(ControlSupport.Version.NONE);
      assertThat(groups.support().lacks())
          .anyMatch(line -> line.contains("/delegated is not there"));
      assertThatThrownBy(() -> groups.create(ControlLimits.none()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no control groups here");
    }
    assertThat(kernel.groups()).isEmpty();
  }

  @Test
  void aMarkIsWrittenOnlyWhenItChanges() throws IOException {
    try (var groups = find();
        var one = groups.create(ControlLimits.none());
        var two = groups.create(ControlLimits.none())) {
      var before = kernel.idleWrites;
      one.background(false);
      one.background(true);
      one.background(true);
      two.background(true);
      assertThat(kernel.idleWrites - before).isEqualTo(2);
    }
  }

  @Test
  void aKernelWithoutTheMarkIsALackAndNoFailure() throws IOException {
    kernel.without("cpu.idle");
    assertThatNoMarkIsALackAndNoFailure();
  }

  @Test
  void aRefusedMarkNamesItsFile() throws IOException {
    try (var groups = find();
        var refused = groups.create(ControlLimits.none())) {
      kernel.refuse(file(groups, refused, "cpu", "cpu.idle"));
      assertThatThrownBy(() -> refused.background(true))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cpu.idle");
      refused.background(true);
      refused.kill(LONG);
    }
  }

  @Test
  void whatCouldNotBeRemovedBesideTheHostIsRemovedAtItsClose() throws IOException {
    var groups = find();
    var host = Path.of(groups.support().place()).getFileName();
    kernel.make(kernel.root.resolve("cpu").resolve(host + ".cell-7"));
    groups.close();
    assertThat(kernel.root.resolve("cpu").resolve(host + ".cell-7")).doesNotExist();
  }

  @Test
  void aFunctionLiesBesideItsHostWhereProcessorsAreSharedOut() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      var host = Path.of(groups.support().place()).getFileName();
      assertThat(kernel.root.resolve("cpu").resolve(host + "." + group.name())).exists();
      assertThat(kernel.root.resolve("cpu").resolve(host).resolve(group.name())).doesNotExist();
      assertThat(kernel.root.resolve("memory").resolve(host).resolve(group.name())).exists();
    }
  }
}
