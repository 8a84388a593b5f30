package dev.cloister.sandbox.cgroup;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The control groups of one host: each function's processes are held to its limits together, and
 * counted together. What this machine does not give is said by {@link #support}, and nothing
 * pretends to enforce it.
 *
 * <p>Groups are made in one of the host's own, named for this life of this process. What an earlier
 * host left when it was killed is ended and removed when the next one opens. Safe for use by many
 * threads.
 */
public final class ControlGroups implements AutoCloseable {
  /** How long the removal of one group may take: 5 seconds. */
  public static final long REMOVAL_MILLIS = 5_000;

  private final Processes processes;
  private final Reaper reaper;
  private final Optional<Layout> layout;
  private final ControlSupport support;
  private final int leftoversRemoved;
  private final BackgroundProcessors background;
  private final Set<ControlGroup> open = new LinkedHashSet<>();
  private long made;
  private boolean closed;

  private ControlGroups(
      Processes processes,
      Reaper reaper,
      BackgroundProcessors background,
      Optional<Layout> layout,
      List<String> lacks,
      int leftoversRemoved) {
    this.processes = processes;
    this.reaper = reaper;
    this.background = background;
    this.layout = layout;
    this.support =
        layout
            .map(Layout::support)
            .orElseGet(() ->
                new ControlSupport(ControlSupport.Version.NONE, Set.of(), lacks, List.of(), ""));
    this.leftoversRemoved = leftoversRemoved;
  }

  /**
   * Looks for what this machine gives: version 2 where it has the memory controller, else version
   * 1, else version 2 with what it has, else none, which is no failure.
   *
   * @param clock for the deadlines of ending and removing
   * @return the groups of this host, to be closed
   */
  public static ControlGroups find(TimeSource clock) {
    return find(ControlPlaces.standard(), clock);
  }

  /**
   * Does the same elsewhere.
   *
   * @param where the directories to look in
   * @param clock for the deadlines of ending and removing
   * @return the groups of this host, to be closed
   */
  public static ControlGroups find(ControlPlaces where, TimeSource clock) {
    return find(where, Kernel.Running.INSTANCE, clock);
  }

  /**
   * Has none, as a host that gives none.
   *
   * @param clock for deadlines, of which there will be none
   * @return groups that cannot be made
   */
  public static ControlGroups none(TimeSource clock) {
    var kernel = Kernel.Running.INSTANCE;
    return new ControlGroups(
        new Processes(kernel, ControlPlaces.standard().proc()),
        new Reaper(kernel, clock),
        new BackgroundProcessors(kernel),
        Optional.empty(),
        List.of("control groups: none were looked for"),
        0);
  }

  static ControlGroups find(ControlPlaces where, Kernel kernel, TimeSource clock) {
    var processes = new Processes(kernel, where.proc());
    var reaper = new Reaper(kernel, clock);
    var lacks = new ArrayList<String>();
    var probe = new Probe(kernel, processes, reaper, where, lacks);
    var layout = probe.open();
    var removed = new Leftovers(kernel, reaper, where.proc(), lacks).clear(probe.roots());
    return new ControlGroups(
        processes, reaper, new BackgroundProcessors(kernel), layout, lacks, removed);
  }

  /**
   * Says what was found.
   *
   * @return the version, what is enforced, and why not more
   */
  public ControlSupport support() {
    return support;
  }

  /**
   * Counts what earlier hosts had left.
   *
   * @return hosts whose groups were removed when this was opened
   */
  public int leftoversRemoved() {
    return leftoversRemoved;
  }

  /**
   * Makes a group for one function, empty. A limit that {@link #support} does not name is not
   * enforced; the group says which are.
   *
   * @param limits what it may take
   * @return the group, to be closed
   * @throws IOException when there are no control groups here, or the kernel refuses a limit
   */
  public synchronized ControlGroup create(ControlLimits limits) throws IOException {
    if (closed) {
      throw new IllegalStateException("the host's control groups are closed");
    }
    if (layout.isEmpty()) {
      throw new IOException("no control groups here: " + String.join("; ", support.lacks()));
    }
    var name = "cell-" + made++;
    try {
      var group = layout.get().make(name, limits);
      var result = new ControlGroup(this, name, limits, group, processes, reaper);
      open.add(result);
      return result;
    } catch (IOException e) {
      try {
        reaper.remove(layout.get().directories(name), ControlGroup.REMOVAL);
      } catch (IOException removing) {
        e.addSuppressed(removing);
      }
      throw e;
    }
  }

  BackgroundProcessors background() {
    return background;
  }

  synchronized void forget(ControlGroup group) {
    open.remove(group);
  }

  /**
   * Ends every function that is still in a group, removes the groups, and undoes what finding them
   * changed, all of it even if a part fails. A second call does nothing.
   *
   * @throws IOException when a group could not be removed in time
   */
  @Override
  public void close() throws IOException {
    List<ControlGroup> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = new ArrayList<>(open);
    }
    var failures = new Failures();
    left.reversed().forEach(group -> failures.run(group::close));
    failures.run(this::closeLayout);
    failures.throwFirst();
  }

  private void closeLayout() throws IOException {
    if (layout.isPresent()) {
      layout.get().close(reaper);
    }
  }
}
