package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.cgroup.Processes;
import dev.cloister.sandbox.confine.ConfinedChild;
import dev.cloister.sandbox.firewall.NetworkNamespace;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a guest used, as the kernel tells it: its control group, where it has one, or else its one
 * process. The numbers only grow, and stay after the end. Safe for use by many threads.
 */
final class Accounts {
  private final Processes processes = Processes.ofThisMachine();
  private final Optional<ControlGroup> group;
  private final Optional<NetworkNamespace> network;
  private final int helpers;
  private final BusyWatch busy;
  private long cpuNanos;
  private long memoryPeakBytes;
  private long processesPeak = 1;
  private long oomKills;
  private long deniedForks;
  private long bytesIn;
  private long bytesOut;

  Accounts(
      Optional<ControlGroup> group,
      Optional<NetworkNamespace> network,
      int helpers,
      BusyWatch busy) {
    this.group = group;
    this.network = network;
    this.helpers = helpers;
    this.busy = busy;
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
      // Not its peak: at an exec the kernel adds that of the process which spawned, getrusage(2).
      cpuNanos = Math.max(cpuNanos, used.get().cpuMicros() * 1_000);
      return;
    }
    var cpu = 0L;
    var peak = 0L;
    // The child, and where that only watches, its one child: who could fork would have a group.
    for (var pid : processes.descent(child.process().pid())) {
      cpu += processes.cpuNanos(pid);
      peak += processes.residentPeakBytes(pid);
    }
    cpuNanos = Math.max(cpuNanos, cpu);
    memoryPeakBytes = Math.max(memoryPeakBytes, peak);
  }

  /** Its code begins, and lets others go first until a look tells that it is not busy. */
  synchronized void begin() {
    busy.begin(cpuNanos);
    background(true);
  }

  /** By what was read last, lets others go before one that keeps a processor busy. */
  synchronized void yieldWhereBusy() {
    background(busy.look(cpuNanos));
  }

  private void background(boolean on) {
    if (group.isPresent()) {
      try {
        group.get().background(on);
      } catch (IOException _) {
        // It goes on as it was; what this machine never gives is among the lacks of its groups.
      }
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
