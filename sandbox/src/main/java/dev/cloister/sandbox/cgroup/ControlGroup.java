package dev.cloister.sandbox.cgroup;

import dev.cloister.core.internal.Failures;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One function's processes: all that are born of one inside are inside, whatever they do to hide,
 * and the limits are those of all together. It does not hold a process of root, which may move
 * itself out.
 *
 * <p>Safe for use by many threads. Its numbers can still be read after it is closed.
 */
public final class ControlGroup implements Closeable {
  static final Duration REMOVAL = Duration.ofMillis(ControlGroups.REMOVAL_MILLIS);

  /** Rounds of moving a process with its descendants; one that forks on gets no further ones. */
  private static final int MOST_ROUNDS = 16;

  /**
   * How often its threads are looked through once it is to be kept elsewhere: what was born of one
   * meanwhile, before that one was kept itself, is found by the next.
   */
  private static final int LOOKS = 3;

  private final ControlGroups owner;
  private final String name;
  private final ControlLimits limits;
  private final Group group;
  private final Processes processes;
  private final Reaper reaper;
  private long cpuNanosBefore;
  private boolean ending;
  private boolean inBackground;
  private BitSet kept;
  private int looksLeft;
  private volatile boolean threadInside;
  private @Nullable ControlUsage last;

  ControlGroup(
      ControlGroups owner,
      String name,
      ControlLimits limits,
      Group group,
      Processes processes,
      Reaper reaper) {
    this.owner = owner;
    this.name = name;
    this.limits = limits;
    this.group = group;
    this.processes = processes;
    this.reaper = reaper;
    this.kept = owner.background().all();
  }

  /**
   * Returns what it is called among the host's.
   *
   * @return such as {@code cell-7}
   */
  public String name() {
    return name;
  }

  /**
   * Names the limits that were asked for and are enforced.
   *
   * @return without those that were not asked for, or are not had on this host
   */
  public Set<ControlLimit> enforced() {
    var enforced = EnumSet.noneOf(ControlLimit.class);
    if (limits.memoryBytes() != ControlLimits.UNLIMITED) {
      enforced.addAll(Set.of(ControlLimit.MEMORY, ControlLimit.SWAP));
    }
    if (limits.processes() != ControlLimits.UNLIMITED) {
      enforced.add(ControlLimit.PROCESSES);
    }
    if (limits.cpuQuotaMicros() != ControlLimits.UNLIMITED) {
      enforced.add(ControlLimit.CPU_SHARE);
    }
    enforced.retainAll(owner.support().enforced());
    return enforced;
  }

  /**
   * Tells how to enter: by a thread before it spawns, or by the process after.
   *
   * @return whether threads are admitted
   */
  public boolean admitsThreads() {
    return owner.support().admitsThreads();
  }

  /**
   * Lets a thread in before it spawns, or a process after it was spawned.
   *
   * <p>One thread at a time, and only as long as the spawn takes: while it is inside, its own use
   * counts as the function's, and it is held back with the function. A process enters with the
   * descendants it has by then; one that forks on as it enters may leave some outside, so enter a
   * process before it runs what the client sent.
   *
   * @param entry who enters
   * @return what to close after the spawn: a thread that entered then leaves, with every thread of
   *     this process that was born of it, and the child stays; for a process, closing does nothing
   * @throws IOException when the kernel refuses; whoever had entered by then is out again, if it
   *     was a thread
   * @throws IllegalStateException when the group is ending, does not admit threads, or has one
   */
  public synchronized Closeable enter(Entry entry) throws IOException {
    if (ending) {
      throw new IllegalStateException(name + " is ending: nothing may enter");
    }
    return switch (entry) {
      case Entry.OfThread(long tid) -> enterThread(own(tid));
      case Entry.OfThisThread() -> enterThread(thisOne());
      case Entry.OfProcess(long pid) -> enterProcess(pid);
    };
  }

  private long own(long tid) throws IOException {
    if (admitsThreads() && !processes.ownThreads().contains(tid)) {
      throw new IllegalArgumentException("thread " + tid + ": must be one of this process");
    }
    return tid;
  }

  private static long thisOne() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a virtual thread has no thread of the kernel's: enter from a platform thread");
    }
    return Group.CALLING_THREAD;
  }

  private Closeable enterThread(long tid) throws IOException {
    if (threadInside) {
      throw new IllegalStateException(
          name + " has a thread inside: close what let it in, then enter the next");
    }
    try {
      group.enterThread(tid);
      threadInside = true;
      return this::letThreadOut;
    } catch (IOException e) {
      Failures.undo(e, group::takeThreadsOut);
      throw e;
    }
  }

  private synchronized void letThreadOut() throws IOException {
    if (threadInside) {
      group.takeThreadsOut();
      threadInside = false;
    }
  }

  private Closeable enterProcess(long pid) throws IOException {
    var inside = new HashSet<Long>();
    var cpuNanos = 0L;
    for (var round = 0; round < MOST_ROUNDS; round++) {
      var outside = processes.descent(pid);
      outside.removeAll(inside);
      outside.removeAll(reaper.processes(group.directories()));
      if (outside.isEmpty()) {
        break;
      }
      for (var each : outside) {
        cpuNanos += processes.cpuNanos(each);
        enterOne(each, pid);
        inside.add(each);
      }
    }
    cpuNanosBefore += cpuNanos;
    return () -> {};
  }

  /** A descendant may end before it is moved; the process itself may not. */
  private void enterOne(long pid, long named) throws IOException {
    try {
      group.enterProcess(pid);
    } catch (IOException e) {
      if (pid == named || processes.descent(named).contains(pid)) {
        throw e;
      }
    }
  }

  /**
   * Reads what was used so far.
   *
   * @return the numbers now, or those at the end once it is closed
   * @throws IOException when a control file cannot be read
   */
  public synchronized ControlUsage usage() throws IOException {
    if (last != null) {
      return last;
    }
    var read = group.usage();
    var cpuNanos = read.cpuNanos();
    return new ControlUsage(
        cpuNanos.isPresent()
            ? OptionalLong.of(cpuNanos.getAsLong() + cpuNanosBefore)
            : OptionalLong.empty(),
        read.memoryBytes(),
        read.memoryPeakBytes(),
        read.oomKills(),
        read.processes(),
        read.deniedForks(),
        read.throttledPeriods(),
        read.throttledNanos());
  }

  /**
   * Puts the function in the background, where the kernel lets the host's own threads and its other
   * functions go before it, or takes it out again. There it is kept on the last processors of this
   * process, as many as the shares of all that are there need together, so that the others are free
   * of them. To be called now and then: its threads are looked through by three calls after a
   * change, since one that forks without end bears more meanwhile, and by none when nothing
   * changed. Where the kernel has no such mark, which is a line of {@link ControlSupport#lacks}, it
   * is only kept so; nothing happens once the group is ending, which takes it out.
   *
   * @param on whether it is to be in the background
   * @throws IOException when the kernel refuses; it is not asked again, or at most three times,
   *     until something changes
   */
  public synchronized void background(boolean on) throws IOException {
    if (!ending) {
      move(on);
      keep(on ? owner.background().now() : owner.background().all());
    }
  }

  private void move(boolean on) throws IOException {
    if (on != inBackground) {
      inBackground = on;
      if (on) {
        owner.background().add(limits.cpuShare());
      } else {
        owner.background().remove(limits.cpuShare());
      }
      group.background(on);
    }
  }

  private void keep(BitSet processors) throws IOException {
    if (!processors.equals(kept)) {
      kept = processors;
      looksLeft = LOOKS;
    }
    // A thread that is inside is the host's.
    if (looksLeft > 0 && !threadInside) {
      looksLeft--;
      owner.background().keep(kept, group.threads());
    }
  }

  /** The dying need a processor too. */
  private void end() {
    ending = true;
    try {
      move(false);
    } catch (IOException _) {
      // They die later then.
    }
  }

  /**
   * Names the processes inside.
   *
   * @return their numbers now, without this process
   * @throws IOException when a control file cannot be read
   */
  public Set<Long> processes() throws IOException {
    return reaper.processes(group.directories());
  }

  /**
   * Kills every process inside, and all that they spawn meanwhile; nothing enters from now on. A
   * thread that is inside is waited for, so that what it spawns is killed too.
   *
   * @param limit how long it may take
   * @return whether nobody is left
   * @throws IOException when a control file cannot be read or written
   */
  public boolean kill(Duration limit) throws IOException {
    synchronized (this) {
      end();
      if (last != null) {
        return true;
      }
    }
    var left = reaper.awaiting(limit, () -> !threadInside);
    return reaper.kill(group.directories(), left) && !threadInside;
  }

  /**
   * Kills every process inside, keeps the last numbers, and removes the group, all of it even if a
   * part fails. A second call does nothing.
   *
   * @throws IOException when the group could not be removed within {@link
   *     ControlGroups#REMOVAL_MILLIS}
   */
  @Override
  public void close() throws IOException {
    if (!kill(REMOVAL)) {
      letThreadOut();
    }
    remove();
  }

  private synchronized void remove() throws IOException {
    if (last == null) {
      try (Closeable _ = () -> owner.forget(this);
          Closeable _ = () -> reaper.remove(group.directories(), REMOVAL);
          Closeable _ = group) {
        last = usage();
      }
    }
  }
}
