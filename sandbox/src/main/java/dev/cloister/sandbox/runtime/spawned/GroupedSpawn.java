package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.cgroup.Entry;
import dev.cloister.sandbox.confine.ConfinedChild;
import dev.cloister.sandbox.confine.ConfinedSpawn;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Starts a child in a control group: born in it where groups admit threads, or else put into it
 * before anyone speaks to it.
 */
public final class GroupedSpawn {
  private GroupedSpawn() {}

  /**
   * Starts it.
   *
   * @param spawn what; its hook is set here
   * @param group which group, where there are any
   * @param before what the spawning thread does besides
   * @param threads makes that thread, which ends before this returns
   * @return the child; it runs
   * @throws IOException when it did not start, or could not enter; then nothing is left of it
   */
  public static ConfinedChild start(
      ConfinedSpawn spawn,
      Optional<ControlGroup> group,
      ConfinedSpawn.BeforeSpawn before,
      ThreadFactory threads)
      throws IOException {
    if (group.isPresent() && group.get().admitsThreads()) {
      return bornInside(spawn, group.get(), before, threads);
    }
    var child = spawn.before(before).start(threads);
    if (group.isEmpty()) {
      return child;
    }
    try (var _ = group.get().enter(Entry.ofProcess(child.process().pid()))) {
      return child;
    } catch (IOException | RuntimeException e) {
      child.close();
      throw e;
    }
  }

  private static ConfinedChild bornInside(
      ConfinedSpawn spawn,
      ControlGroup group,
      ConfinedSpawn.BeforeSpawn before,
      ThreadFactory threads)
      throws IOException {
    var inside = new ArrayList<Closeable>();
    try {
      return spawn
          .before(tid -> {
            inside.add(group.enter(Entry.ofThisThread()));
            before.run(tid);
          })
          .start(threads);
    } finally {
      for (var entered : inside) {
        entered.close();
      }
    }
  }
}
