package dev.cloister.tor.onionproxy;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.container.GatedContainers;
import dev.cloister.tor.socks.SocksCounter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Runs Python functions in containers, each with an onion proxy of its own: a tor that nobody
 * shares, and a gate before it that is all of a network that the function reaches, and that judges
 * name, literal address and port by the launch's network policy before tor hears of them. Which
 * address a name has, the gate cannot know: an exit resolves it, and that exit's own policy decides
 * about the address.
 *
 * <p>The function finds its gate in the variable {@code ALL_PROXY}, as {@code
 * socks5h://ADDRESS:9050}: SOCKS 5, CONNECT alone, by ordinary TCP sockets; there is nothing else,
 * and no name service. A name is judged by its port: it is accepted where a rule accepts every
 * address on that port, and what narrower rules before that one reject is left to the exit; a name
 * of an onion service likewise, though there no exit judges after. What is refused is answered by
 * SOCKS's "not allowed by ruleset", and counted.
 *
 * <p>A start waits until the tor has built a circuit, within a bound: about two seconds on a
 * private network; on the public one longer, for each tor fetches the directory anew, since nothing
 * is kept from one function to another. What a tor takes is beside what its function was promised:
 * {@link OnionProxyLimits} bounds it, in a control group where one can be had. When the tor dies,
 * its function is ended, with words that say so; when the function ends, its tor, directory,
 * network, groups and user are gone. What a killed process left goes at the next {@link
 * OnionProxyPlan#open}; its tors end by themselves within 15 seconds.
 *
 * <p>The tor has a user of its own, Landlock, a list of system calls and limits, and no control
 * port. It is in the host's network, and connects by TCP wherever the host can, and to Unix sockets
 * that anybody may connect to: who takes it over, through a hole in it, reaches that much. Safe for
 * use by many threads.
 */
public final class OnionProxyRuntime implements FunctionRuntime, AutoCloseable {
  /** Where a gate listens: tor's usual port, at the host's end of the function's link. */
  public static final int GATE_PORT = 9050;

  private final GatedContainers containers;
  private final OnionProxies proxies;
  private final OnionProxyLimits limits;
  private final Executor executor;
  private final TimeSource time;

  /** Guarded by itself, as are the two after it. */
  private final Set<ProxyGate> gates = new HashSet<>();

  private final Map<SocksCounter, Long> counted = new EnumMap<>(SocksCounter.class);
  private int taken;

  OnionProxyRuntime(OnionProxyPlan plan, GatedContainers containers, OnionProxies proxies) {
    this.containers = containers;
    this.proxies = proxies;
    this.limits = plan.limits;
    this.executor = plan.executor;
    this.time = plan.time;
  }

  /**
   * Declares a runtime.
   *
   * @param directory of this runtime alone, below directories that everybody may pass; best in
   *     memory, such as below {@code /run}
   * @param threads makes a platform thread for each start, which dies after it
   * @param executor runs one task for each function's gate and two for each of its connections; a
   *     virtual thread a task is the norm
   * @return a plan
   */
  public static OnionProxyPlan in(Path directory, ThreadFactory threads, Executor executor) {
    return new OnionProxyPlan(directory, threads, executor);
  }

  @Override
  public RuntimeLabel label() {
    var inner = containers.label();
    var withstands = new ArrayList<>(inner.withstands());
    withstands.add(
        "destinations that its network policy rejects, by literal address and port, and names by"
            + " port: a gate before its own tor");
    withstands.add(
        "other functions' circuits and guards: a tor of its own, that nothing is left of");
    var fallsTo = new ArrayList<>(inner.fallsTo());
    fallsTo.add("which address a name has: the exit's own policy decides about it");
    fallsTo.add(
        "a hole in its tor, which has a user of its own, Landlock and seccomp, and reaches what the"
            + " host reaches by TCP, and Unix sockets that anybody may connect to");
    fallsTo.add("whoever sees the host's traffic: when, and how much, its tor says to its guard");
    var lacks = new HashSet<>(inner.lacks());
    lacks.addAll(proxies.groups().support().lacks());
    return new RuntimeLabel(
        "onion-proxy", withstands, fallsTo, lacks.stream().sorted().toList(), inner.claims());
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return kind == Image.Kind.PYTHON_OP;
  }

  @Override
  public GuestProcess start(Launch launch) throws IOException {
    take();
    var belongings = new ArrayList<Closeable>(List.of(this::giveBack));
    try {
      var proxy = proxies.start();
      belongings.addFirst(proxy);
      var gate =
          new ProxyGate(
              proxy.socket(), new GatePolicy(launch.network()), limits.gate(), executor, time);
      add(gate);
      belongings.addFirst(() -> remove(gate));
      return new ProxiedGuest(containers.start(launch, GATE_PORT, gate), proxy, belongings);
    } catch (IOException | RuntimeException e) {
      belongings.forEach(belonging -> Failures.undo(e, belonging::close));
      throw e;
    }
  }

  private void take() {
    synchronized (gates) {
      if (taken == limits.companions()) {
        throw new Denied(
            "onion proxies",
            "all %d are in use: wait for a function's end, or allow more".formatted(taken));
      }
      taken++;
    }
  }

  private void giveBack() {
    synchronized (gates) {
      taken--;
    }
  }

  private void add(ProxyGate gate) {
    synchronized (gates) {
      gates.add(gate);
    }
  }

  private void remove(ProxyGate gate) throws IOException {
    try {
      gate.close();
    } finally {
      synchronized (gates) {
        if (gates.remove(gate)) {
          for (var counter : SocksCounter.values()) {
            counted.merge(counter, gate.counted(counter), Long::sum);
          }
        }
      }
    }
  }

  /**
   * Tells what all gates counted, those of functions that have ended too.
   *
   * @param counter which
   * @return the sum until now
   */
  public long counted(SocksCounter counter) {
    synchronized (gates) {
      return counted.getOrDefault(counter, 0L)
          + gates.stream().mapToLong(gate -> gate.counted(counter)).sum();
    }
  }

  /**
   * Gives back control groups, networks and the directory; proxies of functions that were not
   * closed end.
   *
   * @throws IOException when a part could not be removed; the rest was
   */
  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(containers::close);
    failures.run(proxies::close);
    failures.throwFirst();
  }
}
