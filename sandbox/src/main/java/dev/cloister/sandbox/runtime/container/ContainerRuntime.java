package dev.cloister.sandbox.runtime.container;

import static dev.cloister.sandbox.confine.Launch.BUBBLEWRAP;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.cgroup.ControlLimit;
import dev.cloister.sandbox.confine.ConfinedSpawn;
import dev.cloister.sandbox.confine.FunctionIdentities;
import dev.cloister.sandbox.firewall.NetworkNamespaces;
import dev.cloister.sandbox.firewall.NetworkNamespaces.Outside;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import dev.cloister.sandbox.runtime.spawned.GuestSpawner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Runs functions in containers: namespaces of their own that bubblewrap makes, a read-only root of
 * what the image reads, a /tmp of limited size, the launch's directory as {@code /vault}, a list of
 * system calls, and a control group where one can be had. It keeps a function from the host's
 * files, processes and network, and from other functions; it does not withstand a hole in the
 * kernel, whose whole surface of allowed calls a function reaches.
 *
 * <p>Inside, a function is the first process of its namespace, user and group 65534, without any
 * capability, and sees no {@code /proc} unless its image reads it. Outside, started by root, it is
 * a user of its own that nothing else on the machine has; otherwise this process's user. It has no
 * network, or one of its own that lets through what its launch's policy accepts, by TCP to
 * addresses: there is no name service inside. Safe for use by many threads. Source: bwrap(1),
 * user_namespaces(7).
 */
public final class ContainerRuntime implements FunctionRuntime, AutoCloseable {
  /** Bubblewrap's own process, which waits outside for the end of the first one inside. */
  private static final int HELPERS = 1;

  private final ThreadFactory threads;
  private final TimeSource time;
  private final Bubblewrap bubblewrap;
  private final ControlGroups groups;
  private final Optional<NetworkNamespaces> networks;
  private final Optional<FunctionIdentities> identities;

  private ContainerRuntime(
      ThreadFactory threads,
      TimeSource time,
      Bubblewrap bubblewrap,
      ControlGroups groups,
      Optional<NetworkNamespaces> networks) {
    this.threads = threads;
    this.time = time;
    this.bubblewrap = bubblewrap;
    this.groups = groups;
    this.networks = networks;
    this.identities = GuestSpawner.identities();
  }

  /**
   * Opens the runtime, whose functions have no network; what a killed process left of its control
   * groups is removed.
   *
   * @param threads makes a platform thread for each start, which dies after it
   * @param time for deadlines
   * @return the runtime, which the caller closes after the last function
   * @throws IOException when there is no bubblewrap on the PATH
   */
  public static ContainerRuntime open(ThreadFactory threads, TimeSource time) throws IOException {
    var bubblewrap = Bubblewrap.find(path());
    return new ContainerRuntime(
        threads, time, bubblewrap, ControlGroups.find(time), Optional.empty());
  }

  /**
   * Opens the runtime; each function whose policy accepts anything has a network of its own. Only
   * root can; this machine passes packets on as long as the runtime is open.
   *
   * @param threads makes a platform thread for each start, which dies after it
   * @param time for deadlines
   * @param network how
   * @return the runtime, which the caller closes after the last function
   * @throws IOException when there is no bubblewrap, ip or nft on the PATH, or this is not root
   */
  public static ContainerRuntime openWithOwnNetwork(
      ThreadFactory threads, TimeSource time, OwnNetwork network) throws IOException {
    var bubblewrap = Bubblewrap.find(path());
    var outside = network.masqueraded() ? Outside.MASQUERADED : Outside.ROUTED;
    var networks = NetworkNamespaces.open(network.range(), outside);
    return new ContainerRuntime(
        threads, time, bubblewrap, ControlGroups.find(time), Optional.of(networks));
  }

  /** Opens the runtime without control groups, as on a host that has none to give. */
  static ContainerRuntime openWithoutGroups(ThreadFactory threads, TimeSource time)
      throws IOException {
    var bubblewrap = Bubblewrap.find(path());
    return new ContainerRuntime(
        threads, time, bubblewrap, ControlGroups.none(time), Optional.empty());
  }

  private static String path() {
    return System.getenv().getOrDefault("PATH", "");
  }

  @Override
  public RuntimeLabel label() {
    var support = groups.support();
    var lacks = new ArrayList<>(support.lacks());
    lacks.addAll(GuestSpawner.lacks(identities));
    if (!support.enforced().contains(ControlLimit.MEMORY)) {
      lacks.add(
          "one limit for all memory: what a function writes to /tmp is memory beside its limit,"
              + " up to the limit of diskBytes: give control groups with memory");
    }
    lacks.addAll(UserNamespaces.lacks(Path.of("/proc/sys")));
    return new RuntimeLabel(
        "container",
        List.of(
            "opening, seeing and changing the host's files, but what its image reads: a mount"
                + " namespace with a read-only root",
            "seeing, signalling and tracing the host's processes: namespaces of processes, IPC and"
                + " users, no capability, no /proc",
            networks.isPresent()
                ? "what its network policy rejects, the host's own addresses, and all but TCP: a"
                    + " network namespace of its own behind rules of nftables"
                : "the network, and sockets beyond itself: a network namespace without a link",
            "calls of the system that are not the image's: seccomp, an allow-list",
            "other functions: the namespaces; a user of its own too, when started by root",
            "filling the host's disk: a tmpfs of limited size is all that it can write, or the"
                + " directory that its launch gives instead"),
        List.of(
            "a hole in the kernel, reached through an allowed system call",
            "root on the host, who can enter every namespace",
            "what its image reads of the host can be read whole: programs, libraries, and whatever"
                + " else lies below those paths",
            "timing, load, and the side channels of the processor"),
        lacks,
        claims());
  }

  private Map<Resource, Claim> claims() {
    var claims = GuestSpawner.claims(groups.support());
    claims.put(Resource.DISK_BYTES, Claim.ENFORCED);
    if (networks.isPresent()) {
      claims.put(Resource.BYTES_IN, Claim.ENFORCED);
      claims.put(Resource.BYTES_OUT, Claim.ENFORCED);
    }
    return claims;
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return kind == Image.Kind.PYTHON;
  }

  @Override
  public GuestProcess start(Launch launch) throws IOException {
    var spawner = new GuestSpawner(launch, groups, threads, time);
    ConfinedSpawn spawn;
    try {
      spawn = prepared(launch, spawner);
    } catch (IOException | RuntimeException e) {
      spawner.abandon(e);
      throw e;
    }
    return spawner.start(spawn);
  }

  private ConfinedSpawn prepared(Launch launch, GuestSpawner spawner) throws IOException {
    spawner.helpers(HELPERS);
    var connected = networks.isPresent() && acceptsAnything(launch.network());
    if (connected) {
      spawner.entering(networks.orElseThrow().create(launch.network()));
    }
    var disk = launch.limits().of(Resource.DISK_BYTES);
    var command = bubblewrap.command(launch.image(), disk, spawner.writable(), connected);
    var spawn =
        ConfinedSpawn.of(command, spawner.filter())
            .launch(BUBBLEWRAP)
            .directory(Path.of("/"))
            .environment(GuestSpawner.ENVIRONMENT);
    spawner.becoming(identities, spawn);
    return spawn;
  }

  private static boolean acceptsAnything(NetworkPolicy policy) {
    return policy.rules().stream().anyMatch(NetworkRule::accepts);
  }

  /**
   * Gives back the control groups and the networks, and undoes what they changed of this machine.
   *
   * @throws IOException when a part could not be removed; the rest was
   */
  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(groups::close);
    if (networks.isPresent()) {
      failures.run(networks.get()::close);
    }
    failures.throwFirst();
  }
}
