package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** The real machine; everything is read, nothing set. */
final class ThisHost implements Host {
  private final OperatingSystem system;
  private final LongFunction<SecretMemory> memory;
  private final Path proc;
  private final Path cgroups;

  ThisHost(OperatingSystem system) {
    this(system, SecretMemory::open, Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  }

  ThisHost(OperatingSystem system, LongFunction<SecretMemory> memory, Path proc, Path cgroups) {
    this.system = system;
    this.memory = memory;
    this.proc = proc;
    this.cgroups = cgroups;
  }

  @Override
  public SecretMemory secretMemory(long bytes) {
    return memory.apply(bytes);
  }

  @Override
  public List<Finding> probe() {
    return List.of(rootSecret(), swap(), coreFile());
  }

  private Finding rootSecret() {
    try (var tried = secretMemory(1)) {
      var state =
          switch (tried.protection()) {
            case SECRET -> State.ENFORCED;
            case LOCKED -> State.WEAKENED;
            case HEAP -> State.ABSENT;
          };
      return new Finding(Guarantee.ROOT_SECRET_PROTECTED, state, tried.evidence());
    }
  }

  private Finding swap() {
    try {
      var areas = Files.readAllLines(proc.resolve("swaps"), US_ASCII).stream().skip(1).toList();
      if (areas.isEmpty()) {
        return heap(State.ENFORCED, "/proc/swaps lists no area");
      }
      var bound = cgroupSwapLimit();
      if (bound.isPresent() && bound.get().equals("0")) {
        return heap(State.ENFORCED, "memory.swap.max of this cgroup is 0");
      }
      return heap(State.ABSENT, "/proc/swaps lists " + areas.getFirst().split("\\s", 2)[0]);
    } catch (IOException e) {
      return heap(State.ABSENT, "swap cannot be observed: " + e);
    }
  }

  private static Finding heap(State state, String evidence) {
    return new Finding(Guarantee.HEAP_IN_RAM, state, evidence);
  }

  /** Reads the limit of this process's own cgroup, where cgroup v2 manages memory. */
  private Optional<String> cgroupSwapLimit() throws IOException {
    for (var line : Files.readAllLines(proc.resolve("self/cgroup"), US_ASCII)) {
      if (line.startsWith("0::/")) {
        var limit = cgroups.resolve(line.substring("0::/".length())).resolve("memory.swap.max");
        if (Files.isReadable(limit)) {
          return Optional.of(Files.readString(limit, US_ASCII).strip());
        }
      }
    }
    return Optional.empty();
  }

  private Finding coreFile() {
    try {
      if (!system.dumpable()) {
        return core(State.ENFORCED, "prctl(PR_GET_DUMPABLE) is 0");
      }
      var pattern = Files.readString(proc.resolve("sys/kernel/core_pattern"), US_ASCII).strip();
      if (pattern.startsWith("|") || pattern.startsWith("@")) {
        // A pipe, or since Linux 6.16 a socket.
        return core(State.WEAKENED, "core_pattern hands it to a program, which no limit stops");
      }
      var limit = system.coreLimitBytes();
      return limit == 0
          ? core(State.ENFORCED, "getrlimit(RLIMIT_CORE) is 0")
          : core(
              State.WEAKENED,
              "getrlimit(RLIMIT_CORE) is " + (limit == Long.MAX_VALUE ? "unlimited" : limit));
    } catch (NativeCallException | UnsupportedHere | IOException e) {
      return core(State.WEAKENED, "core files cannot be observed: " + e.getMessage());
    }
  }

  private static Finding core(State state, String evidence) {
    return new Finding(Guarantee.NO_CORE_FILE, state, evidence);
  }
}
