package dev.cloister.tor.onionproxy;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.runtime.container.GatedContainers;
import dev.cloister.sandbox.runtime.container.OwnNetwork;
import dev.cloister.tor.internal.TorProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/** Declares a runtime whose functions have onion proxies. A builder; not safe for many threads. */
public final class OnionProxyPlan {
  private final Path directory;
  private final ThreadFactory threads;
  final Executor executor;
  private ProxyTorrc torrc = new ProxyTorrc(List.of());
  private OwnNetwork links = OwnNetwork.standard();
  OnionProxyLimits limits = OnionProxyLimits.standard();
  TimeSource time = TimeSource.system();

  OnionProxyPlan(Path directory, ThreadFactory threads, Executor executor) {
    this.directory = directory;
    this.threads = threads;
    this.executor = executor;
  }

  /**
   * Says which Tor network functions are clients of, and how it is reached; the public one,
   * directly, unless set.
   *
   * @param lines of a torrc, such as {@code DirAuthority …}, {@code UseBridges 1} with {@code
   *     Bridge …} for the node's own relay, {@code ExcludeExitNodes …}; nothing else is taken
   * @return this
   * @throws IllegalArgumentException when a line is not of an option that says which network
   */
  public OnionProxyPlan network(List<String> lines) {
    torrc = new ProxyTorrc(lines);
    return this;
  }

  /**
   * Sets from where the links between functions and their gates get addresses.
   *
   * @param range {@link OwnNetwork#standard()} unless set; nobody is masqueraded
   * @return this
   */
  public OnionProxyPlan links(OwnNetwork range) {
    links = range;
    return this;
  }

  /**
   * Sets what proxies and gates may take.
   *
   * @param most {@link OnionProxyLimits#standard()} unless set
   * @return this
   */
  public OnionProxyPlan limits(OnionProxyLimits most) {
    limits = most;
    return this;
  }

  /**
   * Replaces the clocks.
   *
   * @param source the system's unless set
   * @return this
   */
  public OnionProxyPlan time(TimeSource source) {
    time = source;
    return this;
  }

  /**
   * Opens the runtime; what a killed process left of its functions and their proxies is removed.
   *
   * @return the runtime, which the caller closes after the last function
   * @throws IOException when there is no tor, bubblewrap, ip or nft, this is not root, or the
   *     directory cannot be used
   */
  public OnionProxyRuntime open() throws IOException {
    ProxyTorrc.checkPath(directory.toAbsolutePath().resolve("1234567890"));
    var tor =
        TorProgram.find("tor")
            .orElseThrow(
                () -> new IOException("no program tor on the PATH (Debian: apt install tor)"));
    var containers = GatedContainers.open(threads, time, links);
    try {
      var groups = ControlGroups.find(time);
      try {
        return new OnionProxyRuntime(
            this, containers, OnionProxies.open(tor, torrc, limits, directory, groups, threads));
      } catch (IOException | RuntimeException e) {
        Failures.undo(e, groups::close);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, containers::close);
      throw e;
    }
  }
}
