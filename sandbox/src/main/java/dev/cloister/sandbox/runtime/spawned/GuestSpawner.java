package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.RootUser;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.cgroup.ControlLimit;
import dev.cloister.sandbox.cgroup.ControlLimits;
import dev.cloister.sandbox.cgroup.ControlSupport;
import dev.cloister.sandbox.cgroup.ControlSupport.Version;
import dev.cloister.sandbox.confine.ChildLimits;
import dev.cloister.sandbox.confine.ConfinedSpawn;
import dev.cloister.sandbox.confine.FunctionIdentities;
import dev.cloister.sandbox.confine.SystemCallFilter;
import dev.cloister.sandbox.firewall.NetworkNamespace;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * One start of a guest: makes its control group, lets the spawning thread enter it, and gives
 * everything back when the start fails, or else when the guest closes. Used once, by one thread.
 */
public final class GuestSpawner {
  /**
   * All that a guest's program finds in its environment: a place for what it looks for at home, so
   * that it asks nobody, and an encoding.
   */
  public static final Map<String, String> ENVIRONMENT = Map.of("HOME", "/", "LC_ALL", "C.UTF-8");

  private final Launch launch;
  private final ControlGroups groups;
  private final ThreadFactory threads;
  private final TimeSource time;

  private ConfinedSpawn.BeforeSpawn before = _ -> {};
  private Optional<NetworkNamespace> network = Optional.empty();
  private int helpers;

  /** What is given back after the guest's death, the last taken first. */
  private final List<Closeable> belongings = new ArrayList<>();

  /**
   * Prepares a start.
   *
   * @param launch what is started
   * @param groups the host's control groups
   * @param threads makes the thread that spawns
   * @param time for deadlines
   */
  public GuestSpawner(Launch launch, ControlGroups groups, ThreadFactory threads, TimeSource time) {
    this.launch = launch;
    this.groups = groups;
    this.threads = threads;
    this.time = time;
  }

  /**
   * Lends each guest a user of its own, where this process can.
   *
   * @return empty unless this process is root's
   */
  public static Optional<FunctionIdentities> identities() {
    return RootUser.isOurs() ? Optional.of(FunctionIdentities.standard()) : Optional.empty();
  }

  /**
   * Names what is missing where {@link #identities} are.
   *
   * @param identities what they gave
   * @return a line, or none
   */
  public static List<String> lacks(Optional<FunctionIdentities> identities) {
    return identities.isPresent()
        ? List.of()
        : List.of("a user of its own for each function: start this process as root");
  }

  /**
   * Says what is done about each limit: what control groups hold, and what needs none. Without a
   * group a guest has one process, and what holds for one can be claimed.
   *
   * @param support what this host has
   * @return a map to be completed
   */
  public static Map<Resource, Claim> claims(ControlSupport support) {
    var claims = new EnumMap<Resource, Claim>(Resource.class);
    claims.put(Resource.CPU_SECONDS, Claim.ENFORCED);
    claims.put(Resource.OPEN_FILES, Claim.ENFORCED);
    claims.put(Resource.CPU_SHARE, claim(support, ControlLimit.CPU_SHARE));
    claims.put(Resource.MEMORY_BYTES, Claim.ENFORCED);
    claims.put(Resource.PROCESSES, Claim.ENFORCED);
    return claims;
  }

  private static Claim claim(ControlSupport support, ControlLimit limit) {
    return support.enforced().contains(limit) ? Claim.ENFORCED : Claim.NOT_CLAIMED;
  }

  private boolean holds(ControlLimit limit) {
    return groups.support().enforced().contains(limit);
  }

  /**
   * Lists the calls that the guest may make. It may fork only where its processes are counted
   * together; elsewhere limits of one process would be limits of nothing. It has sockets only where
   * it has a network of its own, and those of TCP.
   *
   * @return the launch's, with forks or without
   */
  public SystemCallFilter filter() {
    var image = SystemCallFilter.allowing(launch.systemCalls());
    var filter =
        network.isPresent() ? image.withInternet() : image.without(SystemCallFilter.OF_A_NETWORK);
    return holds(ControlLimit.PROCESSES) && launch.limits().of(Resource.PROCESSES) > 1
        ? filter.withForks()
        : filter;
  }

  /**
   * Finds the directory that the guest may write.
   *
   * @return the launch's
   * @throws IOException when no program can enter it
   */
  public Optional<Path> writable() throws IOException {
    var directory = launch.writable();
    if (directory.isPresent() && !isSeenByPrograms(directory.get())) {
      throw new IOException(
          "%s of %s cannot be seen by a program: mount it, and launch with the mount point"
              .formatted(directory.get(), directory.get().getFileSystem()));
    }
    return directory.map(Path::toAbsolutePath);
  }

  private static boolean isSeenByPrograms(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault());
  }

  /**
   * Gives the guest a user of its own, if there are any, and to that user the directory that it may
   * write.
   *
   * @param identities who lends one, which is given back after the guest's death
   * @param spawn what is started
   * @throws IOException when the directory is not to be had
   */
  public void becoming(Optional<FunctionIdentities> identities, ConfinedSpawn spawn)
      throws IOException {
    if (identities.isEmpty()) {
      return;
    }
    var own = identities.get().lend();
    owning(own::close);
    spawn.identity(own);
    var directory = writable();
    if (directory.isPresent()) {
      Files.setAttribute(directory.get(), "unix:uid", own.id(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(directory.get(), "unix:gid", own.id(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /**
   * Takes something that the guest has for its life.
   *
   * @param belonging given back after its death, the last taken first
   */
  public void owning(Closeable belonging) {
    belongings.addFirst(belonging);
  }

  /**
   * Gives the guest a network of its own, which it is born in; what goes through it counts as its
   * bytes in and out. To be called before {@link #filter}.
   *
   * @param own given back after its death
   */
  public void entering(NetworkNamespace own) {
    owning(own);
    network = Optional.of(own);
    var confining = OperatingSystem.current().confining();
    before = _ -> confining.enterNetwork(own.path().toString());
  }

  /**
   * Tells whether the guest has a network of its own.
   *
   * @return whether {@link #entering} was called
   */
  public boolean hasNetwork() {
    return network.isPresent();
  }

  /**
   * Says that the runtime itself has processes beside the guest's; they are not counted as its.
   *
   * @param processes how many live as long as the guest
   */
  public void helpers(int processes) {
    helpers = processes;
  }

  /**
   * Starts the guest, and waits until it stands ready.
   *
   * @param spawn all but limits and control group
   * @return the guest
   * @throws IOException when it did not start; then nothing is left of it
   */
  public GuestProcess start(ConfinedSpawn spawn) throws IOException {
    try {
      var group = group();
      var child = GroupedSpawn.start(spawn.limits(processLimits()), group, before, threads);
      var accounts = new Accounts(group, network, helpers, new BusyWatch(most(), time));
      return new SpawnedGuest(child, accounts, launch.limits(), belongings, time);
    } catch (NativeCallException e) {
      abandon(e);
      throw new IOException("the guest could not be confined: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      abandon(e);
      throw e;
    }
  }

  /**
   * Gives everything back without a start; what was given back already does nothing the second
   * time.
   *
   * @param reason why; gets what failed meanwhile
   */
  public void abandon(Exception reason) {
    var failures = new Failures();
    belongings.forEach(belonging -> failures.run(belonging::close));
    failures.suppressIn(reason);
  }

  private Optional<ControlGroup> group() throws IOException {
    if (groups.support().version() == Version.NONE) {
      return Optional.empty();
    }
    var group = groups.create(groupLimits(launch.limits()));
    owning(group);
    return Optional.of(group);
  }

  private ControlLimits groupLimits(ResourceLimits asked) {
    var limits = ControlLimits.none();
    if (holds(ControlLimit.MEMORY)) {
      limits =
          limits.withMemoryBytes(
              Math.max(ControlLimits.LEAST_MEMORY_BYTES, asked.of(Resource.MEMORY_BYTES)));
    }
    if (holds(ControlLimit.PROCESSES)) {
      limits = limits.withProcesses(Math.max(1, asked.of(Resource.PROCESSES)) + helpers);
    }
    if (holds(ControlLimit.CPU_SHARE)) {
      limits = limits.withCpuShare(cpuShare());
    }
    return limits;
  }

  /** In processors; one where none is enforced. */
  private double cpuShare() {
    var asked = launch.limits().of(Resource.CPU_SHARE) / (double) Resource.CPU_SHARE.scale();
    return holds(ControlLimit.CPU_SHARE) ? Math.max(ControlLimits.LEAST_CPU_SHARE, asked) : 1;
  }

  /** What it can use at once: its share, but not more than there is. */
  private double most() {
    return Math.min(cpuShare(), Runtime.getRuntime().availableProcessors());
  }

  /** Each process's own limits; that of memory holds for all where there is but one. */
  private ChildLimits processLimits() {
    var asked = launch.limits();
    // A second more, rounded up: the kernel's kill says less than ours, which comes before.
    var cpuSeconds = asked.duration(Resource.CPU_SECONDS).plusMillis(1999).toSeconds();
    var limits =
        ChildLimits.none()
            .with(ChildLimits.Resource.CPU_SECONDS, cpuSeconds)
            .with(ChildLimits.Resource.OPEN_FILES, asked.of(Resource.OPEN_FILES))
            .with(ChildLimits.Resource.LOCKED_BYTES, 0)
            .with(ChildLimits.Resource.MESSAGE_QUEUE_BYTES, 0);
    return holds(ControlLimit.MEMORY)
        ? limits
        : limits.with(ChildLimits.Resource.ADDRESS_BYTES, asked.of(Resource.MEMORY_BYTES));
  }
}
