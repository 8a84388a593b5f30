package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.confine.ConfinedChild;
import dev.cloister.sandbox.firewall.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a guest used, as the kernel tells it: its control group, where it has one, or else its one
 * process. The numbers only grow, and stay after the end. Safe for use by many threads.
 */
final class Accounts {
  private static final Path PROC = Path.of("/proc");

  private final Optional<ControlGroup> group;
  private final Optional<NetworkNamespace> network;
  private final int helpers;
  private long cpuNanos;
  private long memoryPeakBytes;
  private long processesPeak = 1;
  private long oomKills;
  private long deniedForks;
  private long bytesIn;
  private long bytesOut;

  Accounts(Optional<ControlGroup> group, Optional<NetworkNamespace> network, int helpers) {
    this.group = group;
    this.network = network;
    this.helpers = helpers;
  }

  synchronized long cpuNanos() {
    return cpuNanos;
  }

  synchronized long memoryPeakBytes() {
    return memoryPeakBytes;
  }

  synchronized long processesPeak() {
    return processesPeak;
  }

  synchronized boolean ranOutOfMemory() {
    return oomKills > 0;
  }

  synchronized long deniedForks() {
    return deniedForks;
  }

  /** What came in by its own network, with headers and with what was refused. */
  synchronized long bytesIn() {
    return bytesIn;
  }

  /** What went out by its own network, likewise. */
  synchronized long bytesOut() {
    return bytesOut;
  }

  /** Looks at what was used until now; what cannot be read just now stays as it was. */
  synchronized void read(ConfinedChild child) {
    try {
      if (group.isPresent()) {
        readGroup(group.get());
      } else {
        readProcesses(child);
      }
      if (network.isPresent()) {
        bytesIn = Math.max(bytesIn, network.get().receivedBytes());
        bytesOut = Math.max(bytesOut, network.get().sentBytes());
      }
    } catch (IOException _) {
      // It ended meanwhile; its end tells the last numbers.
    }
  }

  private void readGroup(ControlGroup read) throws IOException {
    var usage = read.usage();
    cpuNanos = Math.max(cpuNanos, usage.cpuNanos().orElse(0));
    memoryPeakBytes = Math.max(memoryPeakBytes, usage.memoryPeakBytes().orElse(0));
    processesPeak = Math.max(processesPeak, usage.processes().orElse(0) - helpers);
    oomKills = usage.oomKills().orElse(0);
    deniedForks = usage.deniedForks().orElse(0);
  }

  private void readProcesses(ConfinedChild child) throws IOException {
    var used = child.used();
    if (used.isPresent()) {
      cpuNanos = Math.max(cpuNanos, used.get().cpuMicros() * 1_000);
      memoryPeakBytes = Math.max(memoryPeakBytes, used.get().peakBytes());
      return;
    }
    var cpu = 0L;
    var peak = 0L;
    for (var process : processes(Long.toString(child.process().pid()))) {
      cpu += cpuOf(process);
      peak += peakOf(process);
    }
    cpuNanos = Math.max(cpuNanos, cpu);
    memoryPeakBytes = Math.max(memoryPeakBytes, peak);
  }

  /** The child, and where that only watches, its one child: who could fork would have a group. */
  private List<Path> processes(String child) throws IOException {
    var all = new ArrayList<Path>();
    all.add(PROC.resolve(child));
    if (helpers > 0) {
      var children = PROC.resolve(child).resolve("task").resolve(child).resolve("children");
      for (var each : Files.readString(children).split(" ", -1)) {
        if (!each.isEmpty()) {
          all.add(PROC.resolve(each));
        }
      }
    }
    return all;
  }

  /** Adds up the nanoseconds that each thread has run: proc_pid_schedstat in proc(5). */
  private static long cpuOf(Path process) throws IOException {
    var sum = 0L;
    try (var threads = Files.newDirectoryStream(process.resolve("task"))) {
      for (var thread : threads) {
        var words = Files.readString(thread.resolve("schedstat")).split(" ", 2);
        sum += Long.parseLong(words[0]);
      }
    }
    return sum;
  }

  private static long peakOf(Path process) throws IOException {
    try (var lines = Files.lines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst()
          .orElse(0);
    }
  }

  /** Kills all that is in the group, also what hid from its parent. */
  void kill() {
    group.ifPresent(killed -> {
      try {
        killed.kill(Duration.ZERO);
      } catch (IOException _) {
        // Closing the group tries again, and says what is left.
      }
    });
  }
}
