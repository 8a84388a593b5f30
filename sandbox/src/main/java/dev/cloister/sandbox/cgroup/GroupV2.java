package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A group of version 2. See the kernel's {@code admin-guide/cgroup-v2}. */
final class GroupV2 implements Group {
  private final Kernel kernel;
  private final Numbers numbers;
  private final Path group;

  GroupV2(Kernel kernel, Path group, ControlLimits limits) throws IOException {
    this.kernel = kernel;
    this.numbers = new Numbers(kernel);
    this.group = group;
    if (limits.memoryBytes() != ControlLimits.UNLIMITED) {
      writeWhereHad("memory.max", Long.toString(limits.memoryBytes()));
      writeWhereHad("memory.swap.max", "0");
    }
    if (limits.processes() != ControlLimits.UNLIMITED) {
      writeWhereHad("pids.max", Long.toString(limits.processes()));
    }
    if (limits.cpuQuotaMicros() != ControlLimits.UNLIMITED) {
      writeWhereHad("cpu.max", limits.cpuQuotaMicros() + " " + limits.cpuPeriodMicros());
    }
  }

  private void writeWhereHad(String name, String value) throws IOException {
    var file = group.resolve(name);
    if (kernel.has(file)) {
      Refusal.write(kernel, file, value);
    }
  }

  @Override
  public List<Path> directories() {
    return List.of(group);
  }

  @Override
  public void enterThread(long tid) {
    throw new IllegalStateException(
        "thread "
            + tid
            + ": a group of version 2 holds whole processes; enter the process after its spawn");
  }

  @Override
  public void enterProcess(long pid) throws IOException {
    Refusal.write(kernel, group.resolve("cgroup.procs"), Long.toString(pid));
  }

  @Override
  public void takeThreadsOut() {
    // None can be inside.
  }

  @Override
  public void background(boolean on) throws IOException {
    IdleMark.set(kernel, group, on);
  }

  @Override
  public Set<Long> threads() throws IOException {
    return Numbers.listed(kernel.read(group.resolve("cgroup.threads")));
  }

  @Override
  public ControlUsage usage() throws IOException {
    var cpu = group.resolve("cpu.stat");
    return new ControlUsage(
        numbers.nanosIn(cpu, "usage_usec"),
        numbers.in(group.resolve("memory.current")),
        numbers.in(group.resolve("memory.peak")),
        numbers.in(group.resolve("memory.events"), "oom_kill"),
        numbers.in(group.resolve("pids.current")),
        numbers.in(group.resolve("pids.events"), "max"),
        numbers.in(cpu, "nr_throttled"),
        numbers.nanosIn(cpu, "throttled_usec"));
  }

  @Override
  public void close() throws IOException {
    numbers.close();
  }
}
