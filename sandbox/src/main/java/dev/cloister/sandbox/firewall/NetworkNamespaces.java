package dev.cloister.sandbox.firewall;

import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The network namespaces of one host: each function's is apart from the others and from the host.
 * It needs root, {@code ip} and {@code nft}; opening fails where they are not had, and changes
 * nothing then.
 *
 * <p>What it changes of this machine is listed by {@link #changes} and undone at close. What an
 * earlier host left when it was killed is removed when the next one opens. Two hosts of one machine
 * should have ranges of their own. Safe for use by many threads.
 */
public final class NetworkNamespaces implements AutoCloseable {
  private static final Path PROC = Path.of("/proc");

  /** How a function reaches other machines. */
  public enum Outside {
    /** Not at all: nothing is passed on, and this machine's settings stay as they are. */
    NOWHERE,
    /** Not at all: it reaches what other networks of this machine the policy accepts. */
    ROUTED,
    /** By the host's address; other machines need no route to the range. */
    MASQUERADED
  }

  private final AddressRange range;
  private final Outside outside;
  private final HostLife life;
  private final List<String> changes = new ArrayList<>();
  private final Set<NetworkNamespace> open = new LinkedHashSet<>();
  private final BitSet taken = new BitSet();
  private final boolean madeDirectory;
  private int leftoversRemoved;
  private int made;
  private boolean closed;

  private NetworkNamespaces(AddressRange range, Outside outside) throws IOException {
    this.range = range;
    this.outside = outside;
    this.life = HostLife.begun(PROC);
    this.madeDirectory = !mounted();
  }

  /**
   * Removes what killed hosts left, and makes this machine pass packets on, both families, where
   * functions are to reach anything beyond it.
   *
   * @param range where functions get their addresses from
   * @param outside how they reach other machines
   * @return namespaces of this host, to be closed
   * @throws IOException when a program is not there, or this process may not
   */
  public static NetworkNamespaces open(AddressRange range, Outside outside) throws IOException {
    var namespaces = new NetworkNamespaces(range, outside);
    try {
      namespaces.clearLeftovers();
      if (outside != Outside.NOWHERE) {
        namespaces.changes.addAll(Forwarding.on(LinkName.table(namespaces.life)));
      }
    } catch (IOException e) {
      throw new IOException(
          "no network namespaces here: they need root, ip and nft: " + e.getMessage(), e);
    }
    return namespaces;
  }

  private static boolean mounted() throws IOException {
    return Files.readString(PROC.resolve("self/mounts"))
        .contains(" " + NetworkNamespace.DIRECTORY + " ");
  }

  private void clearLeftovers() throws IOException {
    var hosts = new LinkedHashSet<String>();
    var found = new LinkedHashSet<LinkName>();
    if (Files.isDirectory(NetworkNamespace.DIRECTORY)) {
      try (var names = Files.list(NetworkNamespace.DIRECTORY)) {
        names
            .map(file -> LinkName.parse(file.getFileName().toString()))
            .forEach(name -> name.ifPresent(found::add));
      }
    }
    var tables = Tables.ours();
    tables.forEach(table -> LinkName.parse(table).ifPresent(found::add));
    for (var name : found) {
      if (name.life().over(PROC)) {
        NetworkNamespace.remove(name);
        hosts.add(name.life().name());
      }
    }
    for (var table : tables) {
      if (Forwarding.marks(table) && over(Forwarding.life(table))) {
        Forwarding.off(Forwarding.life(table));
        hosts.add(Forwarding.life(table).replace('_', '-'));
      }
    }
    leftoversRemoved = hosts.size();
  }

  private static boolean over(String table) throws IOException {
    var life = HostLife.named(table.replace('_', '-'));
    return life.isPresent() && life.get().over(PROC);
  }

  /**
   * Lists what was changed of this machine.
   *
   * @return a line each; undone at close
   */
  public List<String> changes() {
    return List.copyOf(changes);
  }

  /**
   * Counts what earlier hosts had left.
   *
   * @return hosts whose namespaces, rules or settings were removed when this was opened
   */
  public int leftoversRemoved() {
    return leftoversRemoved;
  }

  /**
   * Makes a namespace for one function. Its rules are loaded, all or none, before it has a link.
   *
   * @param policy what the function may reach, by TCP
   * @return the namespace, to be closed
   * @throws IOException when a program failed, or the range is used up; nothing is left then
   */
  public NetworkNamespace create(NetworkPolicy policy) throws IOException {
    return build(namespace -> namespace.rules(policy, outside == Outside.MASQUERADED), true);
  }

  /**
   * Makes a namespace for one function, which reaches one TCP port of the host's end of its link
   * and nothing else. Its rules are loaded before it has a link.
   *
   * @param port from 1; who listens there, at {@link NetworkNamespace#hostIpv4}, is the caller's
   * @return the namespace, to be closed
   * @throws IOException when a program failed, or the range is used up; nothing is left then
   */
  public NetworkNamespace createBefore(int port) throws IOException {
    return build(namespace -> namespace.rules(port), false);
  }

  private NetworkNamespace build(Function<NetworkNamespace, String> rules, boolean routed)
      throws IOException {
    var namespace = reserve();
    try {
      namespace.build(range, rules.apply(namespace), routed);
      return namespace;
    } catch (IOException | RuntimeException e) {
      try {
        namespace.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private synchronized NetworkNamespace reserve() throws IOException {
    if (closed) {
      throw new IllegalStateException("the host's network namespaces are closed");
    }
    var place = taken.nextClearBit(0);
    while (place < range.size() && usedByOthers(place)) {
      place = taken.nextClearBit(place + 1);
    }
    if (place >= range.size()) {
      throw new IOException(
          "all " + range.size() + " places of " + range + " are taken: close some, or give more");
    }
    taken.set(place);
    var namespace = new NetworkNamespace(this, new LinkName(life, made++), place, range);
    open.add(namespace);
    return namespace;
  }

  private boolean usedByOthers(int place) throws IOException {
    return NetworkInterface.getByInetAddress(range.hostIpv4(place)) != null
        || NetworkInterface.getByInetAddress(range.hostIpv6(place)) != null;
  }

  synchronized void forget(NetworkNamespace namespace) {
    if (open.remove(namespace)) {
      taken.clear(namespace.place());
    }
  }

  /**
   * Removes every namespace, and undoes what opening changed, all of it even if a part fails. A
   * second call does nothing.
   *
   * @throws IOException when a program failed, with what it said
   */
  @Override
  public void close() throws IOException {
    List<NetworkNamespace> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = new ArrayList<>(open);
    }
    var failures = new Failures();
    left.reversed().forEach(namespace -> failures.run(namespace::close));
    if (outside != Outside.NOWHERE) {
      failures.run(() -> Forwarding.off(LinkName.table(life)));
    }
    failures.run(this::leaveDirectory);
    failures.throwFirst();
  }

  /** iproute2 mounts the directory on itself with the first namespace, and leaves it so. */
  private void leaveDirectory() throws IOException {
    if (!madeDirectory || !mounted()) {
      return;
    }
    try (var names = Files.list(NetworkNamespace.DIRECTORY)) {
      if (names.findAny().isPresent()) {
        return;
      }
    }
    Program.run("", "umount", NetworkNamespace.DIRECTORY.toString());
  }
}
