package dev.cloister.sandbox.cgroup;

import static dev.cloister.sandbox.cgroup.ControlLimit.CPU_SHARE;
import static dev.cloister.sandbox.cgroup.ControlLimit.MEMORY;
import static dev.cloister.sandbox.cgroup.ControlLimit.PROCESSES;
import static dev.cloister.sandbox.cgroup.ControlLimit.SWAP;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The host's group in the unified hierarchy. A group that gives its controllers to groups below may
 * hold no process itself, so the host's own process moves into a leaf of its own, and back at
 * close.
 */
final class LayoutV2 implements Layout {
  private static final Map<String, String> CONTROLLERS =
      Map.of(
          "memory", ControllerV1.MEMORY.lack(),
          "pids", ControllerV1.PIDS.lack(),
          "cpu", ControllerV1.CPU.lack());

  private final Kernel kernel;
  private final Path parent;
  private final Path host;
  private final Deque<Step> undo = new ArrayDeque<>();
  private final List<String> changes = new ArrayList<>();
  private final List<String> lacks;

  /** Something to be undone. */
  private interface Step {
    void run(Reaper reaper) throws IOException;
  }

  private LayoutV2(Kernel kernel, Path parent, String host, List<String> lacks) {
    this.kernel = kernel;
    this.parent = parent;
    this.host = parent.resolve(host);
    this.lacks = lacks;
  }

  /** Where the unified hierarchy is mounted, alone or beside those of version 1. */
  static Path root(Kernel kernel, ControlPlaces where) {
    var alone = where.controlGroups();
    return kernel.has(alone.resolve("cgroup.controllers")) ? alone : alone.resolve("unified");
  }

  /** Names the parent's controllers that are used here; why there are none is a line of lacks. */
  static Set<String> offered(
      Kernel kernel, Processes processes, ControlPlaces where, List<String> lacks) {
    var root = root(kernel, where);
    try {
      if (!kernel.has(root.resolve("cgroup.controllers"))) {
        throw new IOException("not mounted at " + where.controlGroups());
      }
      var parent = parent(kernel, processes, where);
      var all = words(kernel.read(parent.resolve("cgroup.controllers")));
      var used = new TreeSet<>(all);
      used.retainAll(CONTROLLERS.keySet());
      if (used.isEmpty()) {
        lacks.add(
            "version 2: "
                + parent
                + " has controllers "
                + all
                + "; memory, pids or cpu are used by version 1 or not delegated to it");
      }
      return used;
    } catch (IOException e) {
      lacks.add("version 2: " + Refusal.reason(e));
      return Set.of();
    }
  }

  private static Path parent(Kernel kernel, Processes processes, ControlPlaces where)
      throws IOException {
    var root = root(kernel, where);
    var path = where.parent().isEmpty() ? processes.ownGroup("") : where.parent();
    var parent = root.resolve(path.substring(1)).normalize();
    return kernel.has(parent.resolve("cgroup.controllers")) || !where.parent().isEmpty()
        ? parent
        : root;
  }

  /** Makes the host's group and hands it the controllers; leaves all as it was when that fails. */
  static LayoutV2 open(
      Kernel kernel,
      Processes processes,
      ControlPlaces where,
      String name,
      Reaper reaper,
      List<String> lacks)
      throws IOException {
    var layout = new LayoutV2(kernel, parent(kernel, processes, where), name, lacks);
    try {
      layout.build(offered(kernel, processes, where, lacks), reaper);
      return layout;
    } catch (IOException e) {
      try {
        layout.close(reaper);
      } catch (IOException undoing) {
        e.addSuppressed(undoing);
      }
      throw e;
    }
  }

  private void build(Set<String> controllers, Reaper reaper) throws IOException {
    make(host);
    // The hierarchy's true root has no type, and may hold processes.
    if (kernel.has(parent.resolve("cgroup.type"))) {
      moveOwnProcess(reaper);
    }
    for (var group : List.of(parent, host)) {
      enable(group, controllers);
    }
    if (controllers.contains("cpu")) {
      IdleMark.probe(kernel, host, lacks);
    }
    CONTROLLERS.forEach((controller, lack) -> {
      if (!controllers.contains(controller)) {
        lacks.add(controller + ": not delegated to " + parent + "; " + lack);
      }
    });
  }

  private void make(Path group) throws IOException {
    kernel.make(group);
    undo.push(
        reaper -> reaper.remove(List.of(group), Duration.ofMillis(ControlGroups.REMOVAL_MILLIS)));
  }

  private void moveOwnProcess(Reaper reaper) throws IOException {
    var others = reaper.processes(List.of(parent));
    if (!others.isEmpty()) {
      throw new IOException(
          parent
              + " holds other processes "
              + others
              + ", so its controllers cannot be handed down; start the host alone in a group, as"
              + " systemd-run --scope -p Delegate=yes does");
    }
    var self = Long.toString(ProcessHandle.current().pid());
    if (!Numbers.listed(kernel.read(parent.resolve("cgroup.procs"))).contains(Long.valueOf(self))) {
      return;
    }
    var leaf = host.resolve("host");
    make(leaf);
    Refusal.write(kernel, leaf.resolve("cgroup.procs"), self);
    undo.push(_ -> kernel.write(parent.resolve("cgroup.procs"), self));
    changes.add("this process was moved from " + parent + " to " + leaf);
  }

  private void enable(Path group, Set<String> controllers) throws IOException {
    var control = group.resolve("cgroup.subtree_control");
    var wanted = new TreeSet<>(controllers);
    wanted.removeAll(words(kernel.read(control)));
    if (wanted.isEmpty()) {
      return;
    }
    Refusal.write(kernel, control, "+" + String.join(" +", wanted));
    undo.push(_ -> kernel.write(control, "-" + String.join(" -", wanted)));
    if (group.equals(parent)) {
      changes.add("controllers " + wanted + " were enabled in " + control);
    }
  }

  private static Set<String> words(String line) {
    var words = new TreeSet<>(Arrays.asList(line.split(" ", -1)));
    words.remove("");
    return words;
  }

  @Override
  public ControlSupport support() {
    var enforced = EnumSet.noneOf(ControlLimit.class);
    if (kernel.has(host.resolve("memory.max"))) {
      enforced.add(MEMORY);
    }
    if (kernel.has(host.resolve("memory.swap.max"))) {
      enforced.add(SWAP);
    }
    if (kernel.has(host.resolve("pids.max"))) {
      enforced.add(PROCESSES);
    }
    if (kernel.has(host.resolve("cpu.max"))) {
      enforced.add(CPU_SHARE);
    }
    return new ControlSupport(ControlSupport.Version.V2, enforced, lacks, changes, host.toString());
  }

  @Override
  public List<Path> directories(String name) {
    return List.of(host.resolve(name));
  }

  @Override
  public Group make(String name, ControlLimits limits) throws IOException {
    var group = host.resolve(name);
    kernel.make(group);
    return new GroupV2(kernel, group, limits);
  }

  @Override
  public void close(Reaper reaper) throws IOException {
    if (!undo.isEmpty()) {
      var step = undo.pop();
      try (Closeable _ = () -> close(reaper)) {
        step.run(reaper);
      }
    }
  }
}
