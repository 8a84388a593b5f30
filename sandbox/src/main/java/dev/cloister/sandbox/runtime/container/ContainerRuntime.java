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
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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

  /** What functions reach by their networks. */
  private enum Reach {
    NOTHING("the network, and sockets beyond itself: a network namespace without a link"),
    BY_POLICY(
        "what its network policy rejects, the host's own addresses, and all but TCP: a network"
            + " namespace of its own behind rules of nftables"),
    ONE_GATE(
        "the network, and the host's addresses and ports but one: a network namespace of its own"
            + " behind rules of nftables");

    private final String refuses;

    Reach(String refuses) {
      this.refuses = refuses;
    }
  }

  private final ThreadFactory threads;
  private final TimeSource time;
  private final Bubblewrap bubblewrap;
  private final ControlGroups groups;
  private final Reach reach;
  private final Optional<NetworkNamespaces> networks;
  private final Optional<FunctionIdentities> identities;

  private ContainerRuntime(
      ThreadFactory threads,
      TimeSource time,
      Bubblewrap bubblewrap,
      ControlGroups groups,
      Reach reach,
      Optional<NetworkNamespaces> networks) {
    this.threads = threads;
    this.time = time;
    this.bubblewrap = bubblewrap;
    this.groups = groups;
    this.reach = reach;
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
        threads, time, bubblewrap, ControlGroups.find(time), Reach.NOTHING, Optional.empty());
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
    var outside = network.masqueraded() ? Outside.MASQUERADED : Outside.ROUTED;
    return open(threads, time, network, outside, Reach.BY_POLICY);
  }

  /** Opens the runtime whose functions reach a gate on this host each, and nothing else. */
  static ContainerRuntime openBehindGates(
      ThreadFactory threads, TimeSource time, OwnNetwork network) throws IOException {
    return open(threads, time, network, Outside.NOWHERE, Reach.ONE_GATE);
  }

  private static ContainerRuntime open(
      ThreadFactory threads, TimeSource time, OwnNetwork network, Outside outside, Reach reach)
      throws IOException {
    var bubblewrap = Bubblewrap.find(path());
    var networks = NetworkNamespaces.open(network.range(), outside);
    return new ContainerRuntime(
        threads, time, bubblewrap, ControlGroups.find(time), reach, Optional.of(networks));
  }

  /** Opens the runtime without control groups, as on a host that has none to give. */
  static ContainerRuntime openWithoutGroups(ThreadFactory threads, TimeSource time)
      throws IOException {
    var bubblewrap = Bubblewrap.find(path());
    return new ContainerRuntime(
        threads, time, bubblewrap, ControlGroups.none(time), Reach.NOTHING, Optional.empty());
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
            reach.refuses,
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
    return start(launch, this::byPolicy);
  }

  /** Gives a guest its network, and tells what its environment is to have for it. */
  interface Linking {
    Map<String, String> link(Launch launch, GuestSpawner spawner) throws IOException;
  }

  GuestProcess start(Launch launch, Linking linking) throws IOException {
    var spawner = new GuestSpawner(launch, groups, threads, time);
    ConfinedSpawn spawn;
    try {
      spawn = prepared(launch, spawner, linking);
    } catch (IOException | RuntimeException e) {
      spawner.abandon(e);
      throw e;
    }
    return spawner.start(spawn);
  }

  private ConfinedSpawn prepared(Launch launch, GuestSpawner spawner, Linking linking)
      throws IOException {
    spawner.helpers(HELPERS);
    var environment = new HashMap<>(GuestSpawner.ENVIRONMENT);
    environment.putAll(linking.link(launch, spawner));
    var disk = launch.limits().of(Resource.DISK_BYTES);
    var command =
        bubblewrap.command(launch.image(), disk, spawner.writable(), spawner.hasNetwork());
    var spawn =
        ConfinedSpawn.of(command, spawner.filter())
            .launch(BUBBLEWRAP)
            .directory(Path.of("/"))
            .environment(environment);
    spawner.becoming(identities, spawn);
    return spawn;
  }

  private Map<String, String> byPolicy(Launch launch, GuestSpawner spawner) throws IOException {
    if (networks.isPresent() && acceptsAnything(launch.network())) {
      spawner.entering(networks.get().create(launch.network()));
    }
    return Map.of();
  }

  /** Leads a guest to a gate on this host, which is opened once it has an address. */
  Map<String, String> byGate(int port, LinkGate gate, GuestSpawner spawner) throws IOException {
    var network = networks.orElseThrow().createBefore(port);
    spawner.entering(network);
    return gate.open(new InetSocketAddress(network.hostIpv4(), port));
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
