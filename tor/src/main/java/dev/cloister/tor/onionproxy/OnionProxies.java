package dev.cloister.tor.onionproxy;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.HeldDirectory;
import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.cgroup.ControlLimits;
import dev.cloister.sandbox.cgroup.ControlSupport.Version;
import dev.cloister.sandbox.confine.ChildLimits;
import dev.cloister.sandbox.confine.ConfinedSpawn;
import dev.cloister.sandbox.confine.FunctionIdentities;
import dev.cloister.sandbox.confine.FunctionIdentity;
import dev.cloister.sandbox.runtime.spawned.GroupedSpawn;
import dev.cloister.tor.internal.PrivateDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Starts functions' tors, each with a user, a directory and a control group of its own. Safe for
 * use by many threads.
 */
final class OnionProxies implements Closeable {
  /** What the names of their directories end with. */
  private static final String KIND = "onion-proxy";

  private final Path tor;
  private final ProxyTorrc torrc;
  private final OnionProxyLimits limits;
  private final HeldDirectory directory;
  private final ControlGroups groups;
  private final FunctionIdentities identities;
  private final ThreadFactory threads;
  private long started;

  /**
   * Prepares them.
   *
   * @param directory of these alone, opened; closed with this
   * @param groups likewise
   */
  private OnionProxies(
      Path tor,
      ProxyTorrc torrc,
      OnionProxyLimits limits,
      HeldDirectory directory,
      ControlGroups groups,
      ThreadFactory threads) {
    this.tor = tor;
    this.torrc = torrc;
    this.limits = limits;
    this.directory = directory;
    this.groups = groups;
    this.identities = FunctionIdentities.standard();
    this.threads = threads;
  }

  /** Removes what a killed process left, and takes the directory. */
  static OnionProxies open(
      Path tor,
      ProxyTorrc torrc,
      OnionProxyLimits limits,
      Path directory,
      ControlGroups groups,
      ThreadFactory threads)
      throws IOException {
    var held = HeldDirectory.open(directory.toAbsolutePath(), KIND);
    return new OnionProxies(tor, torrc, limits, held, groups, threads);
  }

  ControlGroups groups() {
    return groups;
  }

  /** Starts one, and waits until it can open streams. */
  OnionProxy start() throws IOException {
    var belongings = new ArrayList<Closeable>();
    OnionProxy proxy;
    try {
      proxy = spawned(belongings);
    } catch (NativeCallException e) {
      giveBack(belongings, e);
      throw new IOException("a function's onion proxy could not be confined: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      giveBack(belongings, e);
      throw e;
    }
    try {
      proxy.awaitBootstrap(Deadline.in(limits.bootstrap()));
      return proxy;
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, proxy::close);
      throw e;
    }
  }

  private static void giveBack(List<Closeable> belongings, Exception reason) {
    belongings.forEach(belonging -> Failures.undo(reason, belonging::close));
  }

  private OnionProxy spawned(List<Closeable> belongings) throws IOException {
    var identity = identities.lend();
    belongings.addFirst(identity::close);
    var own = directory(identity, belongings);
    var group = group(belongings);
    var spawn =
        ConfinedSpawn.of(
                List.of(
                    tor.toString(),
                    "--defaults-torrc",
                    empty(own).toString(),
                    "-f",
                    file(own).toString()),
                ProxyConfinement.systemCalls())
            .files(ProxyConfinement.files(tor, own))
            .connecting()
            .directory(own)
            .identity(identity)
            .limits(
                ChildLimits.none()
                    .with(ChildLimits.Resource.OPEN_FILES, ProxyConfinement.OPEN_FILES)
                    .with(ChildLimits.Resource.FILE_BYTES, limits.fileBytes())
                    .with(ChildLimits.Resource.LOCKED_BYTES, 0)
                    .with(ChildLimits.Resource.MESSAGE_QUEUE_BYTES, 0));
    var child = GroupedSpawn.start(spawn, group, _ -> {}, threads);
    return new OnionProxy(child, group, own, belongings);
  }

  private static Path file(Path own) {
    return own.resolve("torrc");
  }

  private static Path empty(Path own) {
    return own.resolve("empty");
  }

  /** Lays out what its tor reads, and gives it to its user. */
  private Path directory(FunctionIdentity identity, List<Closeable> belongings) throws IOException {
    var own = PrivateDirectory.create(directory.path().resolve(next() + "." + KIND));
    belongings.addFirst(() -> PrivateDirectory.remove(own));
    var listening = PrivateDirectory.create(ProxyTorrc.listening(own));
    Files.createFile(empty(own));
    Files.writeString(file(own), torrc.text(own, empty(own)));
    for (var path : List.of(empty(own), file(own), listening, own)) {
      Files.setAttribute(path, "unix:uid", identity.id());
      Files.setAttribute(path, "unix:gid", identity.id());
    }
    return own;
  }

  private synchronized long next() {
    return started++;
  }

  private Optional<ControlGroup> group(List<Closeable> belongings) throws IOException {
    if (groups.support().version() == Version.NONE) {
      return Optional.empty();
    }
    var group =
        groups.create(
            ControlLimits.none()
                .withMemoryBytes(limits.memoryBytes())
                .withProcesses(limits.processes())
                .withCpuShare(limits.cpuShare()));
    belongings.addFirst(group);
    return Optional.of(group);
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(groups::close);
    failures.run(directory::close);
    failures.throwFirst();
  }
}
