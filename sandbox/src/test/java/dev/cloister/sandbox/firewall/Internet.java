package dev.cloister.sandbox.firewall;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Another network of this machine, whose addresses all answer on some ports with the caller's. */
public final class Internet implements AutoCloseable {
  static final List<String> ADDRESSES =
      List.of(
          "203.0.113.2",
          "203.0.113.3",
          "203.0.113.70",
          "203.0.113.130",
          "2001:db8:99::2",
          "2001:db8:99::3",
          "2001:db8:99::1:2",
          "2001:db8:99::8:2");
  static final List<Integer> PORTS = List.of(25, 80, 443, 447, 450, 451, 8080, 8443);

  /** The host's address in it. */
  public static final String HOST = "203.0.113.1";

  /** Likewise. */
  public static final String HOST6 = "2001:db8:99::1";

  private static final String NAMESPACE = "testnet-internet";
  private static final String DEVICE = "tnet0";
  private static final String SERVER =
      """
      import selectors, socket, sys
      s = selectors.DefaultSelector()
      for port in sys.argv[1:]:
        l = socket.create_server(('::', int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
        s.register(l, selectors.EVENT_READ)
      print('on', flush=True)
      while True:
        for key, _ in s.select():
          c, peer = key.fileobj.accept()
          c.sendall(peer[0].encode())
          c.close()
      """;

  private final List<Process> servers = new ArrayList<>();

  private Internet() {}

  /**
   * Makes it, and serves.
   *
   * @return the network, to be closed
   * @throws IOException when a command fails
   */
  public static Internet open() throws IOException {
    remove();
    Program.batch(
        List.of(
            "netns add " + NAMESPACE,
            "link add " + DEVICE + " type veth peer name eth0 netns " + NAMESPACE,
            "addr add " + HOST + "/24 dev " + DEVICE,
            "addr add " + HOST6 + "/64 dev " + DEVICE + " nodad",
            "link set " + DEVICE + " up"),
        "ip",
        "-batch",
        "-");
    var inside = new ArrayList<>(List.of("link set eth0 up", "link set lo up"));
    for (var address : ADDRESSES) {
      var ipv6 = address.contains(":");
      inside.add("addr add " + address + (ipv6 ? "/64 dev eth0 nodad" : "/24 dev eth0"));
    }
    inside.add("route add default via " + HOST);
    inside.add("route add default via " + HOST6);
    Program.batch(inside, "ip", "-n", NAMESPACE, "-batch", "-");
    var internet = new Internet();
    internet.serve(NAMESPACE, PORTS);
    return internet;
  }

  /** Answers on ports of every address of a namespace. */
  void serve(String namespace, List<Integer> ports) throws IOException {
    var command =
        new ArrayList<>(
            List.of("ip", "netns", "exec", namespace, "/usr/bin/python3", "-I", "-c", SERVER));
    ports.forEach(port -> command.add(port.toString()));
    var server = new ProcessBuilder(command).redirectErrorStream(true).start();
    servers.add(server);
    var line = server.inputReader().readLine();
    if (!"on".equals(line)) {
      throw new IOException("server: " + line);
    }
  }

  static List<String> inside(List<String> command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE));
    all.addAll(command);
    return all;
  }

  private static void remove() throws IOException {
    try {
      Program.run("", "ip", "link", "del", DEVICE);
    } catch (IOException _) {
      // Not there.
    }
    try {
      Program.run("", "ip", "netns", "del", NAMESPACE);
    } catch (IOException _) {
      // Not there.
    }
  }

  @Override
  public void close() {
    servers.forEach(Process::destroyForcibly);
    try {
      remove();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
