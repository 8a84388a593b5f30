package dev.cloister.sandbox.cgroup;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Ends all processes of a function's groups, and removes the groups; never this process, although a
 * thread of it may be inside. Which kind of group it is, is seen from its files.
 */
final class Reaper {
  private static final long FIRST_PAUSE_NANOS = 200_000;
  private static final long LONGEST_PAUSE_NANOS = 10_000_000;

  /**
   * How many pauses a group may take to freeze; what is not frozen by then is killed as it runs.
   */
  private static final int FREEZING_PAUSES = 20;

  private final Kernel kernel;
  private final TimeSource clock;
  private final long self = ProcessHandle.current().pid();

  Reaper(Kernel kernel, TimeSource clock) {
    this.kernel = kernel;
    this.clock = clock;
  }

  /** A step that is tried until it succeeds. */
  private interface Attempt {
    boolean made() throws IOException;
  }

  /**
   * Kills until nobody is left.
   *
   * @param groups directories of one function, any number of hierarchies
   * @return whether all were empty before the time was up
   */
  boolean kill(Collection<Path> groups, Duration limit) throws IOException {
    return until(limit, () -> killOnce(groups));
  }

  /** Removes groups, and the groups in them, whose processes are dead or dying. */
  void remove(Collection<Path> groups, Duration limit) throws IOException {
    for (var group : groups) {
      if (!until(limit, () -> removed(group))) {
        throw new IOException(
            group
                + " could not be removed within "
                + limit.toMillis()
                + " ms: it still holds processes "
                + processes(Set.of(group))
                + "; the next host started here tries again");
      }
    }
  }

  /** Waits for something; returns what is left of the time. */
  Duration awaiting(Duration limit, BooleanSupplier condition) throws IOException {
    var start = clock.nanoTime();
    until(limit, condition::getAsBoolean);
    return limit.minusNanos(clock.nanoTime() - start);
  }

  private boolean until(Duration limit, Attempt attempt) throws IOException {
    var start = clock.nanoTime();
    var pause = FIRST_PAUSE_NANOS;
    while (!attempt.made()) {
      if (clock.nanoTime() - start >= limit.toNanos()) {
        return false;
      }
      kernel.pause(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }
    return true;
  }

  private boolean removed(Path group) throws IOException {
    try {
      if (kernel.has(group)) {
        for (var below : kernel.directoriesIn(group)) {
          if (!removed(below)) {
            return false;
          }
        }
        kernel.remove(group);
      }
      return true;
    } catch (NoSuchFileException _) {
      return true;
    } catch (DirectoryNotEmptyException _) {
      return false;
    } catch (IOException e) {
      // EBUSY has no exception of its own in java.nio.file.
      if (kernel.has(group)) {
        return false;
      }
      throw e;
    }
  }

  private boolean killOnce(Collection<Path> groups) throws IOException {
    var left = processes(groups);
    if (left.isEmpty()) {
      return true;
    }
    for (var group : groups) {
      var kill = group.resolve("cgroup.kill");
      if (kernel.has(kill)) {
        kernel.write(kill, "1");
      }
    }
    killFrozen(groups);
    return false;
  }

  /**
   * Freezes where that can be done, so that none forks away and no number passes to another process
   * between being read and being killed.
   */
  private void killFrozen(Collection<Path> groups) throws IOException {
    var freezers =
        groups.stream().map(group -> group.resolve("freezer.state")).filter(kernel::has).toList();
    // A frozen thread of this JVM could hold a lock that all others wait for.
    var may = freezers.stream().noneMatch(this::holdsThisProcess);
    try {
      if (may) {
        for (var freezer : freezers) {
          freeze(freezer);
        }
      }
      processes(groups).forEach(kernel::kill);
    } finally {
      for (var freezer : freezers) {
        kernel.write(freezer, "THAWED");
      }
    }
  }

  private void freeze(Path freezer) throws IOException {
    kernel.write(freezer, "FROZEN");
    for (var i = 0; i < FREEZING_PAUSES && !kernel.read(freezer).equals("FROZEN"); i++) {
      kernel.pause(FIRST_PAUSE_NANOS);
    }
  }

  private boolean holdsThisProcess(Path freezer) {
    try {
      return numbers(freezer.resolveSibling("cgroup.procs")).contains(self);
    } catch (IOException _) {
      return true;
    }
  }

  /** The processes of the groups and of the groups in them, but this one. */
  Set<Long> processes(Collection<Path> groups) throws IOException {
    var all = new TreeSet<Long>();
    for (var group : groups) {
      try {
        all.addAll(numbers(group.resolve("cgroup.procs")));
        all.addAll(processes(kernel.directoriesIn(group)));
      } catch (IOException e) {
        if (kernel.has(group)) {
          throw e;
        }
      }
    }
    all.remove(self);
    // A process that this namespace cannot see has no number here.
    all.remove(0L);
    return all;
  }

  private Set<Long> numbers(Path file) throws IOException {
    return Numbers.listed(kernel.read(file));
  }
}
