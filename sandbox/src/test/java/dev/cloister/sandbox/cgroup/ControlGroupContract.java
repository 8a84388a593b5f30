package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds of control groups of either version, on the real kernel and on the fake one. */
abstract class ControlGroupContract {
  static final Duration LONG = Duration.ofSeconds(10);

  abstract ControlPlaces places();

  abstract Kernel kernel();

  /** Starts a process outside of the host's groups that runs until it is killed. */
  abstract long process() throws IOException;

  abstract ControlSupport.Version version();

  ControlGroups find() {
    return ControlGroups.find(places(), kernel(), TimeSource.system());
  }

  /** Directories of this library's naming in any hierarchy. */
  private List<Path> ours() throws IOException {
    var found = new java.util.ArrayList<Path>();
    for (var hierarchy : kernel().directoriesIn(places().controlGroups())) {
      collect(hierarchy, found);
    }
    return found;
  }

  private void collect(Path group, List<Path> found) throws IOException {
    for (var below : kernel().directoriesIn(group)) {
      if (below.getFileName().toString().startsWith("cloister-")) {
        found.add(below);
      }
      collect(below, found);
    }
  }

  @Test
  void theVersionAndAllItsLimitsAreFound() throws IOException {
    try (var groups = find()) {
      assertThat(groups.support().version()).isEqualTo(version());
      assertThat(groups.support().enforced()).containsExactlyInAnyOrder(ControlLimit.values());
      assertThat(groups.support().place()).contains("cloister-");
    }
  }

  @Test
  void aGroupEnforcesWhatWasAskedForAndNoMore() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none().withProcesses(5).withCpuShare(0.5))) {
      assertThat(group.enforced())
          .containsExactlyInAnyOrder(ControlLimit.PROCESSES, ControlLimit.CPU_SHARE);
    }
  }

  @Test
  void aProcessThatEntersIsInsideAndItsEarlierUseIsCounted() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      var pid = process();
      var before = group.usage().cpuNanos().orElseThrow();

      try (var _ = group.enter(Entry.ofProcess(pid))) {
        assertThat(group.usage().cpuNanos().orElseThrow()).isGreaterThan(before);
      }
      assertThat(group.processes()).containsExactly(pid);
    }
  }

  @Test
  void killLeavesNobody() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      group.enter(Entry.ofProcess(process())).close();
      group.enter(Entry.ofProcess(process())).close();

      assertThat(group.kill(LONG)).isTrue();
      assertThat(group.processes()).isEmpty();
    }
  }

  @Test
  void nothingEntersAGroupThatIsEnding() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      var pid = process();
      group.kill(LONG);

      assertThatThrownBy(() -> group.enter(Entry.ofProcess(pid)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ending");
      groups.create(ControlLimits.none()).enter(Entry.ofProcess(pid)).close();
    }
  }

  @Test
  void closingKillsRemovesAndKeepsTheLastNumbers() throws IOException {
    try (var groups = find()) {
      var group = groups.create(ControlLimits.none());
      group.enter(Entry.ofProcess(process())).close();
      var atLeast = group.usage().cpuNanos().orElseThrow();
      group.close();
      group.close();

      assertThat(group.usage().cpuNanos().orElseThrow()).isGreaterThanOrEqualTo(atLeast);
      assertThat(ours()).noneMatch(path -> path.endsWith(group.name()));
      assertThat(group.kill(LONG)).isTrue();
    }
  }

  @Test
  void closingTheHostsGroupsLeavesNothing() throws IOException {
    var before = ours();
    var groups = find();
    for (var i = 0; i < 3; i++) {
      groups.create(ControlLimits.none()).enter(Entry.ofProcess(process())).close();
    }
    assertThat(ours()).hasSizeGreaterThan(before.size());

    groups.close();
    groups.close();

    assertThat(ours()).isEqualTo(before);
    assertThatThrownBy(() -> groups.create(ControlLimits.none()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void groupsAreNamedApart() throws IOException {
    try (var groups = find();
        var other = find();
        var one = groups.create(ControlLimits.none());
        var two = groups.create(ControlLimits.none())) {
      assertThat(one.name()).isNotEqualTo(two.name());
      assertThat(groups.support().place()).isNotEqualTo(other.support().place());
    }
  }

  /** Which functions let others go first. */
  private List<String> idle() throws IOException {
    var marked = new java.util.TreeSet<String>();
    for (var found : ours()) {
      var groups = new java.util.ArrayList<>(kernel().directoriesIn(found));
      groups.add(found);
      for (var group : groups) {
        var idle = group.resolve("cpu.idle");
        if (kernel().has(idle) && kernel().read(idle).equals("1")) {
          marked.add(group.getFileName().toString().replaceFirst(".*\\.", ""));
        }
      }
    }
    return List.copyOf(marked);
  }

  @Test
  void aFunctionIsInTheBackgroundUntilItIsTakenOut() throws IOException {
    try (var groups = find();
        var one = groups.create(ControlLimits.none());
        var two = groups.create(ControlLimits.none())) {
      assertThat(groups.support().lacks()).noneMatch(line -> line.startsWith("cpu.idle"));
      assertThat(idle()).isEmpty();

      one.background(true);
      one.background(true);
      assertThat(idle()).containsExactly(one.name());
      two.background(true);
      assertThat(idle()).containsExactly(one.name(), two.name());
      one.background(false);
      one.background(false);
      assertThat(idle()).containsExactly(two.name());
      two.background(false);
      assertThat(idle()).isEmpty();
    }
  }

  /** For kernels that have none, which only a fake can be. */
  final void assertThatNoMarkIsALackAndNoFailure() throws IOException {
    try (var groups = find();
        var group = groups.create(ControlLimits.none())) {
      assertThat(groups.support().lacks())
          .anyMatch(line -> line.startsWith("cpu.idle: ") && line.contains("does not yield"));
      group.background(true);
      group.background(false);
    }
  }

  @Test
  void aFunctionThatEndsInTheBackgroundLeavesNothingMarked() throws IOException {
    try (var groups = find();
        var killed = groups.create(ControlLimits.none())) {
      killed.enter(Entry.ofProcess(process())).close();
      killed.background(true);
      killed.kill(LONG);
      killed.background(true);
      assertThat(idle()).isEmpty();
    }
  }

  @Test
  void aLivingHostsGroupsStayAndADeadOnesAreEnded() throws IOException {
    try (var living = find()) {
      var stays = living.create(ControlLimits.none());
      stays.enter(Entry.ofProcess(process())).close();
      var dead = leaveBehind(HostLife.begun(places().proc()));

      try (var groups = find()) {
        assertThat(groups.leftoversRemoved()).isEqualTo(1);
        assertThat(ours()).doesNotContainAnyElementsOf(dead);
        assertThat(stays.processes()).hasSize(1);
      }
    }
  }

  /** Makes what a host leaves that was killed: groups of an older process of the same number. */
  private List<Path> leaveBehind(HostLife like) throws IOException {
    var dead = new HostLife(like.namespace(), like.pid(), "1", "0badcafe");
    var made = new java.util.ArrayList<Path>();
    for (var hierarchy :
        version() == ControlSupport.Version.V1
            ? List.of("memory", "pids", "freezer")
            : List.of("unified")) {
      var host = places().controlGroups().resolve(hierarchy).resolve(dead.name());
      kernel().make(host);
      kernel().make(host.resolve("cell-0"));
      kernel().write(host.resolve("cell-0/cgroup.procs"), Long.toString(process()));
      made.add(host);
    }
    if (version() == ControlSupport.Version.V1) {
      var beside = places().controlGroups().resolve("cpu").resolve(dead.name() + ".cell-0");
      kernel().make(beside);
      kernel().write(beside.resolve("cgroup.procs"), Long.toString(process()));
      made.add(beside);
    }
    return made;
  }

  @Test
  void aHostOfAnotherNamespaceIsLeftAlone() throws IOException {
    var like = HostLife.begun(places().proc());
    var hierarchy = version() == ControlSupport.Version.V1 ? "pids" : "unified";
    var foreign =
        places()
            .controlGroups()
            .resolve(hierarchy)
            .resolve(new HostLife("1", like.pid(), "1", "0badcafe").name());
    kernel().make(foreign);
    try (var groups = find()) {
      assertThat(groups.leftoversRemoved()).isZero();
      assertThat(kernel().has(foreign)).isTrue();
    } finally {
      kernel().remove(foreign);
    }
  }
}
