package dev.cloister.sandbox.cgroup;

import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Chooses a version, and opens the host's group in it. */
final class Probe {
  private final Kernel kernel;
  private final Processes processes;
  private final Reaper reaper;
  private final ControlPlaces where;
  private final List<String> lacks;

  Probe(
      Kernel kernel, Processes processes, Reaper reaper, ControlPlaces where, List<String> lacks) {
    this.kernel = kernel;
    this.processes = processes;
    this.reaper = reaper;
    this.where = where;
    this.lacks = lacks;
  }

  /** Empty when no controller can be had, with the reasons among the lacks. */
  Optional<Layout> open() {
    try {
      var host = HostLife.begun(where.proc()).name();
      var second = LayoutV2.offered(kernel, processes, where, lacks);
      return second.contains("memory")
          ? openSecond(host).or(() -> openFirst(host))
          : openFirst(host).or(() -> second.isEmpty() ? Optional.empty() : openSecond(host));
    } catch (IOException e) {
      lacks.add("this process cannot be named: " + Refusal.reason(e));
      return Optional.empty();
    }
  }

  private Optional<Layout> openSecond(String host) {
    try {
      return Optional.of(LayoutV2.open(kernel, processes, where, host, reaper, lacks));
    } catch (IOException e) {
      lacks.add("version 2: " + Refusal.reason(e));
      return Optional.empty();
    }
  }

  private Optional<Layout> openFirst(String host) {
    var opened = LayoutV1.open(kernel, processes, where, host, lacks);
    if (opened.support().version() == ControlSupport.Version.V1) {
      return Optional.of(opened);
    }
    try {
      opened.close(reaper);
    } catch (IOException e) {
      lacks.add("version 1: " + Refusal.reason(e));
    }
    return Optional.empty();
  }

  /** Where hosts may have left groups. */
  List<Path> roots() {
    var roots = new ArrayList<Path>();
    for (var controller : ControllerV1.values()) {
      roots.add(where.controlGroups().resolve(controller.kernelName()));
    }
    roots.add(LayoutV2.root(kernel, where));
    return roots.stream().filter(root -> kernel.has(root.resolve("cgroup.procs"))).toList();
  }
}
