package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FakeVersion2Test extends ControlGroupContract {
  @TempDir private Path scratch;
  private FakeKernel kernel;
  private Path root;

  @BeforeEach
  void mount() throws IOException {
    kernel = new FakeKernel(scratch, "unified");
    root = kernel.root.resolve("unified");
    kernel.write(root.resolve("cgroup.procs"), "" + ProcessHandle.current().pid());
  }

  /** What the fake files of either version say. */
  static ControlUsage usage() {
    return new ControlUsage(
        OptionalLong.of(1_000_000),
        OptionalLong.of(4096),
        OptionalLong.of(8192),
        OptionalLong.of(3),
        OptionalLong.of(1),
        OptionalLong.of(2),
        OptionalLong.of(5),
        OptionalLong.of(7_000));
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
    return ControlSupport.Version.V2;
  }

  @Test
  void everyLimitIsWrittenAsTheKernelTakesIt() throws IOException {
    var limits = ControlLimits.none().withMemoryBytes(64 << 20).withProcesses(9).withCpuShare(2);
    try (var groups = find();
        var group = groups.create(limits)) {
      var directory = Path.of(groups.support().place()).resolve(group.name());
      assertThat(directory.resolve("memory.max")).hasContent("67108864");
      assertThat(directory.resolve("memory.swap.max")).hasContent("0");
      assertThat(directory.resolve("pids.max")).hasContent("9");
      assertThat(directory.resolve("cpu.max")).hasContent("20000 10000");
    }
  }

  @Test
  void everyNumberIsRead() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThat(group.usage()).isEqualTo(usage());
    }
  }

  @Test
  void noThreadEntersAndTheRefusalSaysWhatDoes() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThat(group.admitsThreads()).isFalse();
      assertThatThrownBy(() -> group.enter(Entry.ofThread(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("enter the process after its spawn");
    }
  }

  @Test
  void theHostMovesIntoALeafAndBackAndSaysSo() throws IOException {
    var self = "" + ProcessHandle.current().pid();
    try (var groups = find()) {
      var leaf = Path.of(groups.support().place()).resolve("host/cgroup.procs");
      assertThat(kernel.read(leaf)).isEqualTo(self);
      assertThat(groups.support().changes())
          .anyMatch(line -> line.startsWith("this process was moved from"))
          .anyMatch(line -> line.startsWith("controllers [cpu, memory, pids] were enabled"));
    }
    assertThat(kernel.read(root.resolve("cgroup.procs"))).isEqualTo(self);
    assertThat(root.resolve("cgroup.subtree_control")).hasContent("");
    assertThat(kernel.groups()).isEmpty();
  }

  @Test
  void aGroupSharedWithOthersIsNotTakenAndTheRemedyIsSaid() throws IOException {
    kernel.write(root.resolve("cgroup.procs"), "" + process());
    try (var groups = find()) {
      assertThat(groups.support().version()).isEqualTo(ControlSupport.Version.NONE);
      assertThat(groups.support().lacks()).anyMatch(line -> line.contains("Delegate=yes"));
    }
    assertThat(kernel.groups()).isEmpty();
  }

  @Test
  void withoutControllersThereAreNoGroups() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "hugetlb");
    try (var groups = find()) {
      assertThat(groups.support().version()).isEqualTo(ControlSupport.Version.NONE);
      assertThat(groups.support().lacks()).anyMatch(line -> line.contains("[hugetlb]"));
    }
  }

  @Test
  void aControllerThatIsNotDelegatedIsNamedAndNotClaimed() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "memory pids");
    try (var groups = find()) {
      assertThat(groups.support().enforced())
          .containsExactlyInAnyOrder(
              ControlLimit.MEMORY, ControlLimit.SWAP, ControlLimit.PROCESSES);
      assertThat(groups.support().lacks()).anyMatch(line -> line.startsWith("cpu: not delegated"));
    }
  }

  @Test
  void aKernelWithoutTheMarkIsALackAndNoFailure() throws IOException {
    kernel.without("cpu.idle");
    assertThatNoMarkIsALackAndNoFailure();
  }

  @Test
  void theHostsLeafIsBesideTheFunctionsAndNeverMarked() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      group.background(true);
      var host = Path.of(groups.support().place());
      assertThat(host.resolve(group.name()).resolve("cpu.idle")).hasContent("1");
      assertThat(host.resolve("host/cpu.idle")).hasContent("0");
      assertThat(host.resolve("cpu.idle")).hasContent("0");
    }
  }
}
