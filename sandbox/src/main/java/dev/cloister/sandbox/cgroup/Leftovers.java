package dev.cloister.sandbox.cgroup;

import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Finds and removes the groups of hosts that were killed; those of the living stay. */
final class Leftovers {
  /** How many groups a search looks at before it gives up. */
  static final int MOST_GROUPS = 10_000;

  /** Between the name of a host and that of one of its functions, where they lie side by side. */
  private static final char BESIDE = '.';

  private final Kernel kernel;
  private final Reaper reaper;
  private final Path proc;
  private final List<String> lacks;
  private int removed;

  Leftovers(Kernel kernel, Reaper reaper, Path proc, List<String> lacks) {
    this.kernel = kernel;
    this.reaper = reaper;
    this.proc = proc;
    this.lacks = lacks;
  }

  /** What a function's group is called that lies beside its host's. */
  static String beside(String host, String function) {
    return host + BESIDE + function;
  }

  private static String host(Path group) {
    var name = group.getFileName().toString();
    var end = name.indexOf(BESIDE);
    return end < 0 ? name : name.substring(0, end);
  }

  /** Returns how many hosts' groups were removed; one that could not be is a line of lacks. */
  int clear(List<Path> roots) {
    var found = new TreeMap<String, List<Path>>();
    try {
      search(roots, found);
    } catch (IOException e) {
      lacks.add("leftovers of killed hosts could not be looked for: " + Refusal.reason(e));
    }
    found.forEach(this::clear);
    return removed;
  }

  private void search(List<Path> roots, Map<String, List<Path>> found) throws IOException {
    var open = new ArrayDeque<>(roots);
    for (var seen = 0; !open.isEmpty(); seen++) {
      if (seen == MOST_GROUPS) {
        throw new IOException("more than " + MOST_GROUPS + " groups");
      }
      for (var group : below(open.remove())) {
        var name = host(group);
        var life = HostLife.named(name);
        if (life.isPresent() && life.get().over(proc)) {
          found.computeIfAbsent(name, _ -> new ArrayList<>()).add(group);
        } else {
          open.add(group);
        }
      }
    }
  }

  /** A group that goes away meanwhile has none. */
  private List<Path> below(Path group) throws IOException {
    try {
      return kernel.directoriesIn(group);
    } catch (IOException e) {
      if (kernel.has(group)) {
        throw e;
      }
      return List.of();
    }
  }

  private void clear(String name, List<Path> groups) {
    try {
      reaper.kill(groups, Duration.ofMillis(ControlGroups.REMOVAL_MILLIS));
      reaper.remove(groups, Duration.ofMillis(ControlGroups.REMOVAL_MILLIS));
      removed++;
    } catch (IOException e) {
      lacks.add(name + ", left by a killed host, could not be removed: " + Refusal.reason(e));
    }
  }
}
