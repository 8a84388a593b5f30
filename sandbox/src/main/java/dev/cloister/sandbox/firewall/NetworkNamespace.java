package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.NetworkPolicy;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of its own for one function: what is in it reaches what the policy accepts, by way of
 * the host, and neither the host's own addresses nor another function's; or else it reaches one
 * port of the host's end of its link, and nothing beyond. Whoever is root on the host may enter it
 * and change it.
 *
 * <p>Safe for use by many threads.
 */
public final class NetworkNamespace implements Closeable {
  /** Where iproute2 keeps namespaces by name; see ip-netns(8). */
  static final Path DIRECTORY = Path.of("/run/netns");

  private static final Path DEVICES = Path.of("/sys/class/net");
  private static final String INNER = "eth0";

  private final NetworkNamespaces owner;
  private final LinkName name;
  private final int place;
  private final Inet4Address hostIpv4;
  private final Inet4Address ipv4;
  private final Inet6Address ipv6;
  private long sentBytes;
  private long receivedBytes;
  private boolean closed;

  NetworkNamespace(NetworkNamespaces owner, LinkName name, int place, AddressRange range) {
    this.owner = owner;
    this.name = name;
    this.place = place;
    this.hostIpv4 = range.hostIpv4(place);
    this.ipv4 = range.cellIpv4(place);
    this.ipv6 = range.cellIpv6(place);
  }

  /** Writes the rules of a policy. */
  String rules(NetworkPolicy policy, boolean masquerade) {
    return Nftables.table(
        new FirewallPlan(name.table(), name.device(), ipv4, ipv6, policy, masquerade));
  }

  /** Writes rules by which nothing but one port of the host's end is reached. */
  String rules(int port) {
    return Nftables.gated(name.table(), name.device(), ipv4, new Gate(hostIpv4, port));
  }

  /**
   * Loads the rules, then makes what they guard; undoing what was made is the caller's.
   *
   * @param routed whether there is a way beyond the host's end of the link
   */
  void build(AddressRange range, String rules, boolean routed) throws IOException {
    Program.run(rules, "nft", "-f", "-");
    var host4 = hostIpv4.getHostAddress();
    var host6 = Text.of(range.hostIpv6(place));
    var device = name.device();
    Program.batch(
        List.of(
            "netns add " + name.namespace(),
            "link add " + device + " type veth peer name " + INNER + " netns " + name.namespace(),
            "addr add " + host4 + "/30 dev " + device,
            // Without nodad an address is not usable for a second.
            "addr add " + host6 + "/126 dev " + device + " nodad",
            "link set " + device + " up"),
        "ip",
        "-batch",
        "-");
    var lines =
        new ArrayList<>(
            List.of(
                "addr add " + ipv4.getHostAddress() + "/30 dev " + INNER,
                "addr add " + Text.of(ipv6) + "/126 dev " + INNER + " nodad",
                "link set lo up",
                "link set " + INNER + " up"));
    if (routed) {
      lines.add("route add default via " + host4);
      lines.add("route add default via " + host6);
    }
    Program.batch(lines, "ip", "-n", name.namespace(), "-batch", "-");
  }

  /**
   * Returns the namespace's name with iproute2.
   *
   * @return small letters, digits and dashes
   */
  public String name() {
    return name.namespace();
  }

  /**
   * Returns the file that stands for the namespace, for setns(2).
   *
   * @return a file below {@code /run/netns}
   */
  public Path path() {
    return DIRECTORY.resolve(name.namespace());
  }

  /**
   * Returns the address of the host's end of the link.
   *
   * @return from the host's range
   */
  public Inet4Address hostIpv4() {
    return hostIpv4;
  }

  /**
   * Returns the function's own address.
   *
   * @return from the host's range
   */
  public Inet4Address ipv4() {
    return ipv4;
  }

  /**
   * Returns the function's own address.
   *
   * @return from the host's range
   */
  public Inet6Address ipv6() {
    return ipv6;
  }

  /**
   * Puts a command inside.
   *
   * @param command a program and its arguments
   * @return what runs it in this namespace; needs root
   */
  public List<String> inside(List<String> command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", name.namespace()));
    all.addAll(command);
    return all;
  }

  /**
   * Counts what the function sent, on the link, with headers and with what was refused.
   *
   * @return bytes, also once it is closed
   * @throws IOException when the kernel does not tell
   */
  public synchronized long sentBytes() throws IOException {
    return closed ? sentBytes : statistic("rx_bytes");
  }

  /**
   * Counts what the function was sent, on the link, with headers and refusals.
   *
   * @return bytes, also once it is closed
   * @throws IOException when the kernel does not tell
   */
  public synchronized long receivedBytes() throws IOException {
    return closed ? receivedBytes : statistic("tx_bytes");
  }

  private long statistic(String file) throws IOException {
    var path = DEVICES.resolve(name.device()).resolve("statistics").resolve(file);
    return Long.parseLong(Files.readString(path).strip());
  }

  String device() {
    return name.device();
  }

  int place() {
    return place;
  }

  /**
   * Removes link, namespace and rules, all of it even if a part fails. Processes that are still
   * inside keep a namespace without a link. A second call does nothing.
   *
   * @throws IOException when a program failed, with what it said
   */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (Files.exists(DEVICES.resolve(name.device()))) {
        sentBytes = statistic("rx_bytes");
        receivedBytes = statistic("tx_bytes");
      }
      closed = true;
    }
    try (Closeable _ = () -> owner.forget(this)) {
      remove(name);
    }
  }

  /** Removes what is there of a function's network: the rules last, so that nothing gets past. */
  static void remove(LinkName name) throws IOException {
    try (Closeable _ = () -> removeTable(name)) {
      var lines = new ArrayList<String>();
      if (Files.exists(DEVICES.resolve(name.device()))) {
        lines.add("link del " + name.device());
      }
      if (Files.exists(DIRECTORY.resolve(name.namespace()))) {
        lines.add("netns del " + name.namespace());
      }
      if (!lines.isEmpty()) {
        Program.batch(lines, "ip", "-force", "-batch", "-");
      }
    }
  }

  private static void removeTable(LinkName name) throws IOException {
    // Adding first makes removing one that is not there no failure.
    var table = "table inet " + name.table();
    Program.run("add " + table + "\ndelete " + table + "\n", "nft", "-f", "-");
  }
}
