package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.HeldDirectory;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.internal.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Tor network on this machine's loopback, for tests: unmodified tors that vote, relay, let
 * streams out and have SOCKS ports, and no connection to any other network unless an exit is asked
 * for one. It gives no anonymity whatever, since one user runs all of it.
 *
 * <p>Ready in about ten seconds: {@code PrivateTorNetwork.shape().relays(3).option("ConfluxEnabled
 * 0").start()}. It needs Linux and Debian's package {@code tor} (0.4.9 or later); any user can run
 * it. Nothing is left of it when it closes but keys for the next; when this process is killed, its
 * nodes end at once, and its files are removed by the next network in the same directory. Safe for
 * use by many threads.
 */
public final class PrivateTorNetwork implements AutoCloseable {
  /** What the names of its files end with in a directory that others may use too. */
  private static final String KIND = "private-tor";

  private final HeldDirectory directory;
  private final List<NodeProcess> processes = new ArrayList<>();
  private List<TorNode> nodes = List.of();
  private boolean closed;

  private PrivateTorNetwork(HeldDirectory directory) {
    this.directory = directory;
  }

  /**
   * Describes the least network that works: one authority, two relays, one exit, one client.
   *
   * @return a shape to change, and to start
   */
  public static TorShape shape() {
    return TorShape.SMALL;
  }

  static PrivateTorNetwork start(TorShape shape, Path directory) throws IOException {
    var programs = TorPrograms.find();
    var network = new PrivateTorNetwork(HeldDirectory.open(directory.toAbsolutePath(), KIND));
    try (var ports = new HeldPorts()) {
      network.bringUp(shape, programs, ports);
      return network;
    } catch (IOException | RuntimeException | Error e) {
      Failures.undo(e, network::close);
      throw e;
    }
  }

  private void bringUp(TorShape shape, TorPrograms programs, HeldPorts ports) throws IOException {
    var time = TimeSource.system();
    var files = PrivateDirectory.create(directory.path().resolve("network." + KIND));
    var plans = plans(shape, files, ports);
    var keys = new KeyCache(shape.keys(), programs, time);
    keys.provide(plans);
    var torrc = torrc(shape, files, plans, keys);
    new Startup(programs, torrc, ports, processes, time).run(plans);
    var ready = new ArrayList<TorNode>();
    for (var process : processes) {
      ready.add(
          new TorNode(process.plan(), fingerprint(process.plan(), keys), process.process().pid()));
    }
    nodes = List.copyOf(ready);
  }

  private static List<NodePlan> plans(TorShape shape, Path files, HeldPorts ports)
      throws IOException {
    var plans = new ArrayList<NodePlan>();
    for (var role : TorRole.values()) {
      for (var number = 0; number < shape.count(role); number++) {
        plans.add(NodePlan.of(role, number, plans.size(), files, ports));
      }
    }
    return plans;
  }

  /** Lays out what nodes read. Each has every certificate, and need not ask for any. */
  private static Torrc torrc(TorShape shape, Path files, List<NodePlan> plans, KeyCache keys)
      throws IOException {
    var authorities = new ArrayList<String>();
    var exits = new ArrayList<String>();
    var certificates = new StringBuilder();
    for (var plan : plans) {
      switch (plan.role()) {
        case AUTHORITY -> {
          authorities.add(keys.authority(plan));
          certificates.append(keys.certificate(plan));
        }
        case EXIT -> exits.add(keys.fingerprint(plan));
        case RELAY, CLIENT -> {}
      }
    }
    for (var plan : plans) {
      PrivateDirectory.create(plan.directory());
      Files.writeString(plan.directory().resolve("cached-certs"), certificates);
      if (plan.role().relays()) {
        keys.install(plan);
      }
    }
    var torrc = new Torrc(shape, files, authorities, exits);
    Files.createFile(torrc.empty());
    Files.writeString(torrc.resolver(), "nameserver 127.0.0.1\n");
    return torrc;
  }

  private static @Nullable Fingerprint fingerprint(NodePlan plan, KeyCache keys)
      throws IOException {
    return plan.role().relays() ? new Fingerprint(keys.fingerprint(plan)) : null;
  }

  /**
   * Returns every node.
   *
   * @return authorities, relays, exits, clients
   */
  public List<TorNode> nodes() {
    return nodes;
  }

  /**
   * Returns the nodes of one role.
   *
   * @param role which
   * @return as many as the shape says
   */
  public List<TorNode> nodes(TorRole role) {
    return nodes.stream().filter(node -> node.role() == role).toList();
  }

  /**
   * Returns a client.
   *
   * @return the first
   * @throws java.util.NoSuchElementException when the shape has none
   */
  public TorNode client() {
    return nodes(TorRole.CLIENT).getFirst();
  }

  /**
   * Returns the relays that a client does not go through first, and sees to it that it never does
   * ({@code EntryNodes}): what is reached behind its own relay, such as a node, has to be behind
   * one of these, since a guard would see both ends and no circuit leads there.
   *
   * @param client one of this network's
   * @return those of the role {@link TorRole#RELAY}; with as few as the smallest shape has there
   *     may be none
   * @throws IOException when the client is not there any more
   */
  public List<TorNode> relaysButGuardsOf(TorNode client) throws IOException {
    try (var control = client.control()) {
      List<TorNode> others;
      do {
        var firstHops = firstHops(control);
        others =
            nodes(TorRole.RELAY).stream()
                .filter(relay -> !firstHops.contains(relay.fingerprint()))
                .toList();
        var rest = others;
        var entries =
            nodes().stream()
                .filter(node -> node.role().relays() && !rest.contains(node))
                .map(node -> node.fingerprint().toString())
                .collect(Collectors.joining(","));
        control.setConf(new Setting("EntryNodes", entries));
      } while (anyOf(others, firstHops(control))); // It may have connected to one meanwhile.
      return others;
    }
  }

  /** The relays that a client's circuits began at, and those it has or makes a connection with. */
  private static Set<Fingerprint> firstHops(TorControl control) throws IOException {
    var guards =
        control.getInfo("entry-guards").lines().filter(line -> !line.contains(" never-connected"));
    var connected = control.getInfo("orconn-status").lines();
    return Stream.concat(guards, connected)
        .filter(line -> line.startsWith("$"))
        .map(line -> new Fingerprint(line.split(" ", 2)[0]))
        .collect(Collectors.toSet());
  }

  private static boolean anyOf(List<TorNode> nodes, Set<Fingerprint> fingerprints) {
    return nodes.stream().map(TorNode::fingerprint).anyMatch(fingerprints::contains);
  }

  /**
   * Returns where its files lie.
   *
   * @return the directory that it was started in, absolute
   */
  public Path directory() {
    return directory.path();
  }

  /**
   * Ends every node, waits for that, and removes all files. A second call does nothing.
   *
   * @throws IOException when a file cannot be removed; every process has ended all the same
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    processes.forEach(NodeProcess::tellToEnd);
    processes.forEach(NodeProcess::awaitEnd);
    directory.close();
  }
}
