package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The host's group in each hierarchy of version 1, below the group that the host itself is in;
 * those of its functions lie in it, or beside it.
 */
final class LayoutV1 implements Layout {
  private final Kernel kernel;
  private final Processes processes;
  private final Map<ControllerV1, GroupV1.Places> hosts;
  private final ControlSupport support;

  private LayoutV1(
      Kernel kernel,
      Processes processes,
      Map<ControllerV1, GroupV1.Places> hosts,
      ControlSupport support) {
    this.kernel = kernel;
    this.processes = processes;
    this.hosts = hosts;
    this.support = support;
  }

  /** Makes the host's group wherever it may; each hierarchy that is not had is a line of lacks. */
  static LayoutV1 open(
      Kernel kernel, Processes processes, ControlPlaces where, String host, List<String> lacks) {
    var hosts = new EnumMap<ControllerV1, GroupV1.Places>(ControllerV1.class);
    var made = new ArrayList<Path>();
    for (var controller : ControllerV1.values()) {
      var root = where.controlGroups().resolve(controller.kernelName());
      try {
        if (!kernel.has(root.resolve("tasks"))) {
          throw new IOException("no hierarchy of version 1 is mounted at " + root);
        }
        var origin = within(kernel, root, processes.ownGroup(controller.kernelName()));
        var parent = where.parent().isEmpty() ? origin : within(root, where.parent());
        // Two controllers of one mount have one directory, by two names.
        var group = parent.toRealPath().resolve(host);
        if (!made.contains(group)) {
          kernel.make(group);
          made.add(group);
        }
        hosts.put(controller, new GroupV1.Places(group, origin.toRealPath()));
      } catch (IOException e) {
        lacks.add(controller.kernelName() + ": " + Refusal.reason(e) + "; " + controller.lack());
      }
    }
    var cpu = hosts.get(ControllerV1.CPU);
    if (cpu != null) {
      IdleMark.probe(kernel, cpu.group(), lacks);
    }
    return new LayoutV1(kernel, processes, hosts, support(kernel, hosts, lacks));
  }

  /** A container may show the group's path from outside, which is not there within. */
  private static Path within(Kernel kernel, Path root, String path) {
    var group = within(root, path);
    return kernel.has(group.resolve("tasks")) ? group : root;
  }

  private static Path within(Path root, String path) {
    return root.resolve(path.substring(1)).normalize();
  }

  private static ControlSupport support(
      Kernel kernel, Map<ControllerV1, GroupV1.Places> hosts, List<String> lacks) {
    var enforced = enforced(kernel, hosts);
    var place = hosts.isEmpty() ? "" : hosts.values().iterator().next().group().toString();
    var version = enforced.isEmpty() ? ControlSupport.Version.NONE : ControlSupport.Version.V1;
    return new ControlSupport(version, enforced, lacks, List.of(), place);
  }

  private static Set<ControlLimit> enforced(
      Kernel kernel, Map<ControllerV1, GroupV1.Places> hosts) {
    var enforced = EnumSet.noneOf(ControlLimit.class);
    hosts.forEach((controller, place) -> {
      switch (controller) {
        case MEMORY -> {
          enforced.add(ControlLimit.MEMORY);
          if (kernel.has(place.group().resolve("memory.memsw.limit_in_bytes"))) {
            enforced.add(ControlLimit.SWAP);
          }
        }
        case PIDS -> enforced.add(ControlLimit.PROCESSES);
        case CPU -> {
          if (kernel.has(place.group().resolve("cpu.cfs_quota_us"))) {
            enforced.add(ControlLimit.CPU_SHARE);
          }
        }
        case CPUACCT, FREEZER -> {
          // Neither limits anything.
        }
      }
    });
    return enforced;
  }

  @Override
  public ControlSupport support() {
    return support;
  }

  @Override
  public List<Path> directories(String name) {
    return hosts.values().stream().map(host -> group(host, name)).distinct().toList();
  }

  /**
   * Where processors are shared out, a function's group lies beside the host's and not in it: the
   * kernel compares only what lies side by side, there the functions with each other and with the
   * host's own threads.
   */
  private Path group(GroupV1.Places host, String name) {
    var cpu = hosts.get(ControllerV1.CPU);
    var group = host.group();
    return cpu != null && cpu.group().equals(group)
        ? group.resolveSibling(Leftovers.beside(group.getFileName().toString(), name))
        : group.resolve(name);
  }

  @Override
  public Group make(String name, ControlLimits limits) throws IOException {
    for (var directory : directories(name)) {
      kernel.make(directory);
    }
    var places = new EnumMap<ControllerV1, GroupV1.Places>(ControllerV1.class);
    hosts.forEach((controller, host) ->
        places.put(controller, new GroupV1.Places(group(host, name), host.origin())));
    return new GroupV1(kernel, processes, places, limits);
  }

  @Override
  public void close(Reaper reaper) throws IOException {
    var groups = new ArrayList<>(besideHost());
    hosts.values().stream().map(GroupV1.Places::group).distinct().forEach(groups::add);
    reaper.remove(groups, Duration.ofMillis(ControlGroups.REMOVAL_MILLIS));
  }

  /** The groups of functions beside the host's that could not be removed at their end. */
  private List<Path> besideHost() throws IOException {
    var cpu = hosts.get(ControllerV1.CPU);
    if (cpu == null) {
      return List.of();
    }
    var prefix = Leftovers.beside(cpu.group().getFileName().toString(), "");
    return kernel.directoriesIn(cpu.group().resolveSibling("")).stream()
        .filter(group -> group.getFileName().toString().startsWith(prefix))
        .toList();
  }
}
