package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A group of version 1: the same name in the hierarchy of each controller that is there. See the
 * kernel's {@code admin-guide/cgroup-v1}.
 */
final class GroupV1 implements Group {
  /** A group that a process or thread is in before it enters, and after it has left. */
  record Places(Path group, Path origin) {}

  private final Kernel kernel;
  private final Processes processes;
  private final Numbers numbers;
  private final Map<ControllerV1, Places> places;
  private final long mostProcesses;

  GroupV1(
      Kernel kernel, Processes processes, Map<ControllerV1, Places> places, ControlLimits limits)
      throws IOException {
    this.kernel = kernel;
    this.numbers = new Numbers(kernel);
    this.processes = processes;
    this.places = Map.copyOf(places);
    this.mostProcesses = limits.processes();
    limitMemory(limits.memoryBytes());
    limitProcesses(0);
    limitCpu(limits);
  }

  private void limitMemory(long bytes) throws IOException {
    if (bytes == ControlLimits.UNLIMITED) {
      return;
    }
    writeWhereHad(ControllerV1.MEMORY, "memory.limit_in_bytes", Long.toString(bytes));
    // Second, because it may not be less than the first.
    writeWhereHad(ControllerV1.MEMORY, "memory.memsw.limit_in_bytes", Long.toString(bytes));
  }

  private void limitProcesses(int guests) throws IOException {
    if (mostProcesses != ControlLimits.UNLIMITED) {
      writeWhereHad(ControllerV1.PIDS, "pids.max", Long.toString(mostProcesses + guests));
    }
  }

  private void limitCpu(ControlLimits limits) throws IOException {
    if (limits.cpuQuotaMicros() == ControlLimits.UNLIMITED) {
      return;
    }
    var period = Long.toString(limits.cpuPeriodMicros());
    writeWhereHad(ControllerV1.CPU, "cpu.cfs_period_us", period);
    var quota = Long.toString(limits.cpuQuotaMicros());
    writeWhereHad(ControllerV1.CPU, "cpu.cfs_quota_us", quota);
  }

  private void writeWhereHad(ControllerV1 controller, String name, String value)
      throws IOException {
    var file = file(controller, name);
    if (file.isPresent() && kernel.has(file.get())) {
      Refusal.write(kernel, file.get(), value);
    }
  }

  private Optional<Path> file(ControllerV1 controller, String name) {
    return Optional.ofNullable(places.get(controller)).map(place -> place.group().resolve(name));
  }

  @Override
  public List<Path> directories() {
    return places.values().stream().map(Places::group).distinct().sorted().toList();
  }

  @Override
  public void enterThread(long tid) throws IOException {
    // The kernel counts the thread too; without this a function limited to one could not start.
    limitProcesses(1);
    for (var group : directories()) {
      Refusal.write(kernel, group.resolve("tasks"), Long.toString(tid));
    }
  }

  @Override
  public void enterProcess(long pid) throws IOException {
    for (var group : directories()) {
      Refusal.write(kernel, group.resolve("cgroup.procs"), Long.toString(pid));
    }
  }

  @Override
  public void takeThreadsOut() throws IOException {
    limitProcesses(0);
    var own = processes.ownThreads();
    for (var place : places.values()) {
      for (var tid : Numbers.listed(kernel.read(place.group().resolve("tasks")))) {
        if (own.contains(tid)) {
          takeOut(tid, place);
        }
      }
    }
  }

  private void takeOut(long tid, Places place) throws IOException {
    try {
      kernel.write(place.origin().resolve("tasks"), Long.toString(tid));
    } catch (IOException e) {
      if (processes.ownThreads().contains(tid)) {
        throw e;
      }
    }
  }

  @Override
  public void background(boolean on) throws IOException {
    var cpu = places.get(ControllerV1.CPU);
    if (cpu != null) {
      IdleMark.set(kernel, cpu.group(), on);
    }
  }

  @Override
  public Set<Long> threads() throws IOException {
    var cpu = file(ControllerV1.CPU, "tasks");
    return cpu.isPresent() ? Numbers.listed(kernel.read(cpu.get())) : Set.of();
  }

  @Override
  public ControlUsage usage() throws IOException {
    return new ControlUsage(
        read(ControllerV1.CPUACCT, "cpuacct.usage"),
        read(ControllerV1.MEMORY, "memory.usage_in_bytes"),
        read(ControllerV1.MEMORY, "memory.max_usage_in_bytes"),
        read(ControllerV1.MEMORY, "memory.oom_control", "oom_kill"),
        read(ControllerV1.PIDS, "pids.current"),
        read(ControllerV1.PIDS, "pids.events", "max"),
        read(ControllerV1.CPU, "cpu.stat", "nr_throttled"),
        read(ControllerV1.CPU, "cpu.stat", "throttled_time"));
  }

  private OptionalLong read(ControllerV1 controller, String name) throws IOException {
    var file = file(controller, name);
    return file.isPresent() ? numbers.in(file.get()) : OptionalLong.empty();
  }

  private OptionalLong read(ControllerV1 controller, String name, String key) throws IOException {
    var file = file(controller, name);
    return file.isPresent() ? numbers.in(file.get(), key) : OptionalLong.empty();
  }

  @Override
  public void close() throws IOException {
    numbers.close();
  }
}
