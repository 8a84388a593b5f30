package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** What {@code /proc} tells of processes; see proc(5). Safe for use by many threads. */
public final class Processes {
  private static final long BYTES_PER_KIB = 1024;

  private final Kernel kernel;
  private final Path proc;

  Processes(Kernel kernel, Path proc) {
    this.kernel = kernel;
    this.proc = proc;
  }

  /**
   * Reads those of this machine.
   *
   * @return a reader
   */
  public static Processes ofThisMachine() {
    return new Processes(Kernel.Running.INSTANCE, ControlPlaces.standard().proc());
  }

  /** The threads of this process. */
  Set<Long> ownThreads() throws IOException {
    return threads("self");
  }

  private Set<Long> threads(String process) throws IOException {
    var all = new TreeSet<Long>();
    for (var task : kernel.directoriesIn(proc.resolve(process).resolve("task"))) {
      all.add(Long.valueOf(task.getFileName().toString()));
    }
    return all;
  }

  /**
   * Finds a process and those that descend from it now.
   *
   * @param pid the first
   * @return it alone when it is gone
   * @throws IOException when it cannot be read
   */
  public Set<Long> descent(long pid) throws IOException {
    var all = new LinkedHashSet<Long>();
    collect(pid, all);
    return all;
  }

  private void collect(long pid, Set<Long> all) throws IOException {
    if (!all.add(pid)) {
      return;
    }
    try {
      for (var thread : threads(Long.toString(pid))) {
        var children = task(pid, thread).resolve("children");
        if (kernel.has(children)) {
          for (var child : kernel.read(children).split(" ", -1)) {
            if (!child.isBlank()) {
              collect(Long.parseLong(child), all);
            }
          }
        }
      }
    } catch (IOException e) {
      if (kernel.has(proc.resolve(Long.toString(pid)))) {
        throw e;
      }
    }
  }

  /**
   * Reads the processor time that the living threads of a process have used.
   *
   * @param pid which
   * @return nanoseconds, zero when it is gone
   * @throws IOException when it cannot be read
   */
  public long cpuNanos(long pid) throws IOException {
    try {
      var nanos = 0L;
      for (var thread : threads(Long.toString(pid))) {
        // Its first field; the clock ticks of "stat" would hide all of a process this young.
        var line = kernel.read(task(pid, thread).resolve("schedstat"));
        nanos += Long.parseLong(line.split(" ", 2)[0]);
      }
      return nanos;
    } catch (IOException e) {
      if (kernel.has(proc.resolve(Long.toString(pid)).resolve("schedstat"))) {
        throw e;
      }
      return 0;
    }
  }

  /**
   * Reads how much memory a process had in RAM at most.
   *
   * @param pid which
   * @return bytes, zero when it is gone
   * @throws IOException when it cannot be read
   */
  public long residentPeakBytes(long pid) throws IOException {
    var status = proc.resolve(Long.toString(pid)).resolve("status");
    if (!kernel.has(status)) {
      return 0;
    }
    return kernel
        .read(status)
        .lines()
        .filter(each -> each.startsWith("VmHWM:"))
        .mapToLong(each -> Long.parseLong(each.replaceAll("[^0-9]", "")) * BYTES_PER_KIB)
        .sum();
  }

  /** Which group this process is in, from the hierarchy's root; see cgroups(7). */
  String ownGroup(String controller) throws IOException {
    for (var line : kernel.read(proc.resolve("self/cgroup")).lines().toList()) {
      var fields = line.split(":", 3);
      if (fields.length == 3 && Arrays.asList(fields[1].split(",", -1)).contains(controller)) {
        return fields[2];
      }
    }
    return "/";
  }

  private Path task(long pid, long thread) {
    return proc.resolve(Long.toString(pid)).resolve("task").resolve(Long.toString(thread));
  }
}
