package dev.cloister.sandbox.cgroup;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Does with a directory tree what the kernel does with control groups: makes the control files,
 * moves processes, refuses to remove a group that is in use, and lets the killed die a little
 * later, but not while they are frozen.
 */
final class FakeKernel implements Kernel {
  static final long FIRST_PID = 900_001;

  /** The files of a fresh group, for each kind of hierarchy, with what they hold at first. */
  private static final Map<String, Map<String, String>> FILES =
      Map.of(
          "memory",
          Map.of(
              "memory.limit_in_bytes", "9223372036854771712",
              "memory.memsw.limit_in_bytes", "9223372036854771712",
              "memory.usage_in_bytes", "4096",
              "memory.max_usage_in_bytes", "8192",
              "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3"),
          "pids",
          Map.of("pids.max", "max", "pids.current", "1", "pids.events", "max 2"),
          "cpu",
          Map.of(
              "cpu.cfs_period_us", "100000",
              "cpu.cfs_quota_us", "-1",
              "cpu.idle", "0",
              "cpu.stat", "nr_periods 9\nnr_throttled 5\nthrottled_time 7000"),
          "cpuacct",
          Map.of("cpuacct.usage", "1000000"),
          "freezer",
          Map.of("freezer.state", "THAWED"),
          "unified",
          Map.of(
              "cgroup.controllers", "memory pids cpu",
              "cgroup.subtree_control", "",
              "cgroup.type", "domain",
              "cgroup.kill", ""));

  /** The files that a group of version 2 has once its parent hands the controllers down. */
  private static final Map<String, String> DELEGATED =
      Map.ofEntries(
          entry("memory.max", "max"),
          entry("memory.swap.max", "max"),
          entry("memory.current", "4096"),
          entry("memory.peak", "8192"),
          entry("memory.events", "low 0\noom 4\noom_kill 3"),
          entry("pids.max", "max"),
          entry("pids.current", "1"),
          entry("pids.events", "max 2"),
          entry("cpu.max", "max 100000"),
          entry("cpu.idle", "0"),
          entry("cpu.stat", "usage_usec 1000\nnr_throttled 5\nthrottled_usec 7"));

  final Path root;
  final Path proc;
  private final Map<Path, Set<Long>> inside = new TreeMap<>();
  private final Set<Long> dying = new TreeSet<>();
  private final Set<Path> refused = new TreeSet<>();
  private final Set<String> lacking = new TreeSet<>();
  private long next = FIRST_PID;

  /** How often a group was marked, or a mark was taken off. */
  int idleWrites;

  /** How often a thread was kept on processors, and on which each is; there are four. */
  int keeps;

  final Map<Long, BitSet> kept = new TreeMap<>();

  /** Mounts hierarchies by the names of their directories. */
  FakeKernel(Path scratch, String... hierarchies) throws IOException {
    root = Files.createDirectories(scratch.resolve("cgroup")).toRealPath();
    proc = Files.createDirectories(scratch.resolve("proc")).toRealPath();
    for (var hierarchy : hierarchies) {
      make(root.resolve(hierarchy));
    }
    describe("self", ProcessHandle.current().pid());
    describe(Long.toString(ProcessHandle.current().pid()), ProcessHandle.current().pid());
    Files.createDirectories(proc.resolve("self/ns"));
    Files.createSymbolicLink(proc.resolve("self/ns/pid"), Path.of("pid:[4026531836]"));
    var paths = new StringBuilder();
    for (var hierarchy : hierarchies) {
      paths.append("1:").append(hierarchy.equals("unified") ? "" : hierarchy).append(":/\n");
    }
    Files.writeString(proc.resolve("self/cgroup"), paths);
  }

  /** An older kernel, which has no such file in the groups made from now on. */
  void without(String file) {
    lacking.add(file);
  }

  /** Refuses to be told a mark. */
  void refuse(Path file) {
    refused.add(file);
  }

  private void describe(String name, long pid) throws IOException {
    var task = Files.createDirectories(proc.resolve(name).resolve("task").resolve("" + pid));
    Files.writeString(proc.resolve(name).resolve("stat"), pid + stat(12345));
    Files.writeString(proc.resolve(name).resolve("status"), "RssAnon:\t     12 kB\n");
    Files.writeString(proc.resolve(name).resolve("schedstat"), "5000 1 1");
    Files.writeString(task.resolve("schedstat"), "5000 1 1");
    Files.writeString(task.resolve("children"), "");
  }

  private static String stat(long started) {
    return " (a) b) S" + " 0".repeat(18) + " " + started + " 0 0\n";
  }

  /** Starts a process outside of every group but the roots, or in another's family. */
  long start(long parent) throws IOException {
    var pid = next++;
    describe(Long.toString(pid), pid);
    if (parent != 0) {
      var children = proc.resolve(parent + "/task/" + parent + "/children");
      Files.writeString(children, Files.readString(children) + pid + " ");
    }
    return pid;
  }

  @Override
  public String read(Path file) throws IOException {
    return switch (file.getFileName().toString()) {
      case "cgroup.procs", "cgroup.threads", "tasks" -> {
        Running.INSTANCE.read(file);
        yield String.join("\n", members(file).stream().map(Object::toString).toList());
      }
      default -> Running.INSTANCE.read(file);
    };
  }

  private Set<Long> members(Path file) {
    return inside.computeIfAbsent(file.getParent(), _ -> new TreeSet<>());
  }

  @Override
  public void write(Path file, String value) throws IOException {
    switch (file.getFileName().toString()) {
      case "cgroup.procs", "tasks" -> move(Long.parseLong(value), file);
      case "cgroup.kill" -> dying.addAll(members(file));
      case "cgroup.subtree_control" -> handDown(file, value);
      case "cpu.idle" -> {
        if (refused.contains(file)) {
          throw new FileSystemException(file.toString(), null, "Invalid argument");
        }
        idleWrites++;
        Running.INSTANCE.write(file, value);
      }
      default ->
          Files.writeString(
              file,
              value,
              java.nio.file.StandardOpenOption.WRITE,
              java.nio.file.StandardOpenOption.TRUNCATE_EXISTING);
    }
  }

  private void move(long pid, Path file) {
    var hierarchy = root.resolve(root.relativize(file).getName(0));
    inside.forEach((group, members) -> {
      if (group.startsWith(hierarchy)) {
        members.remove(pid);
      }
    });
    members(file).add(pid);
  }

  private void handDown(Path file, String value) throws IOException {
    if (!members(file).isEmpty() && Files.exists(file.resolveSibling("cgroup.type"))) {
      throw new FileSystemException(file.toString(), null, "Device or resource busy");
    }
    var enabled = new TreeSet<>(List.of(Files.readString(file).split(" ", -1)));
    enabled.remove("");
    for (var word : value.split(" ", -1)) {
      if (word.startsWith("+")) {
        enabled.add(word.substring(1));
      } else {
        enabled.remove(word.substring(1));
      }
    }
    Files.writeString(file, String.join(" ", enabled));
    for (var below : directoriesIn(file.resolveSibling(""))) {
      delegate(below, enabled);
    }
  }

  private void fill(Path group, String name, String content) throws IOException {
    if (!lacking.contains(name)) {
      Files.writeString(group.resolve(name), content);
    }
  }

  private void delegate(Path group, Set<String> enabled) throws IOException {
    for (var entry : DELEGATED.entrySet()) {
      if (enabled.contains(entry.getKey().split("\\.", 2)[0])) {
        fill(group, entry.getKey(), entry.getValue());
      }
    }
  }

  @Override
  public void make(Path group) throws IOException {
    Files.createDirectory(group);
    var hierarchy = root.relativize(group).getName(0).toString();
    for (var entry : FILES.getOrDefault(hierarchy, Map.of()).entrySet()) {
      fill(group, entry.getKey(), entry.getValue());
    }
    Files.writeString(group.resolve("cgroup.procs"), "");
    Files.writeString(group.resolve("cgroup.threads"), "");
    if (!hierarchy.equals("unified")) {
      Files.writeString(group.resolve("tasks"), "");
    }
    var above = group.resolveSibling("cgroup.subtree_control");
    if (Files.exists(above)) {
      delegate(group, Set.of(Files.readString(above).split(" ", -1)));
    }
  }

  @Override
  public void remove(Path group) throws IOException {
    if (!members(group.resolve("tasks")).isEmpty() || !directoriesIn(group).isEmpty()) {
      throw new FileSystemException(group.toString(), null, "Device or resource busy");
    }
    try (var files = Files.list(group)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(group);
    inside.remove(group);
  }

  @Override
  public List<Path> directoriesIn(Path directory) throws IOException {
    return Running.INSTANCE.directoriesIn(directory);
  }

  @Override
  public boolean has(Path file) {
    return Files.exists(file);
  }

  @Override
  public void kill(long pid) {
    dying.add(pid);
  }

  @Override
  public BitSet processors() {
    var all = new BitSet();
    all.set(0, 4);
    return all;
  }

  @Override
  public void keepOn(BitSet processors, Set<Long> threads) {
    threads.forEach(tid -> kept.put(tid, processors));
    keeps += threads.size();
  }

  @Override
  public void pause(long nanos) {
    for (var pid : List.copyOf(dying)) {
      if (!frozen(pid)) {
        inside.values().forEach(members -> members.remove(pid));
        dying.remove(pid);
      }
    }
  }

  private boolean frozen(long pid) {
    return inside.entrySet().stream()
        .filter(entry -> entry.getValue().contains(pid))
        .map(entry -> entry.getKey().resolve("freezer.state"))
        .filter(Files::exists)
        .anyMatch(file -> {
          try {
            return Files.readString(file).equals("FROZEN");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  /** Every group but the roots. */
  List<Path> groups() throws IOException {
    var all = new ArrayList<Path>();
    for (var hierarchy : directoriesIn(root)) {
      collect(hierarchy, all);
    }
    return all;
  }

  private void collect(Path group, List<Path> all) throws IOException {
    for (var below : directoriesIn(group)) {
      all.add(below);
      collect(below, all);
    }
  }
}
