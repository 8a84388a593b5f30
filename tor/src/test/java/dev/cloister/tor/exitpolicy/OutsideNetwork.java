package dev.cloister.tor.exitpolicy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.internal.Failures;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A network beside this machine's, all of whose addresses answer on some ports. */
final class OutsideNetwork implements Closeable {
  static final List<String> IPV4 =
      List.of("198.51.100.2", "198.51.100.3", "198.51.100.66", "198.51.100.130");
  static final List<String> IPV6 =
      List.of("2001:db8:77::2", "2001:db8:77::3", "2001:db8:77::1:2", "2001:db8:77::8:2");
  static final List<Integer> PORTS = List.of(25, 80, 81, 443, 8080);

  private static final String NAMESPACE = "exitpolicy-outside";
  private static final String DEVICE = "expol0";
  private static final String HOST4 = "198.51.100.1";
  private static final String HOST6 = "2001:db8:77::1";

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
          key.fileobj.accept()[0].close()
      """;

  /** A line each: address and port in, what came of it out. */
  private static final String CLIENT =
      """
      import errno, socket, sys
      for line in sys.stdin:
        try:
          socket.create_connection(line.split(), 5).close()
          print('reached')
        except OSError as e:
          print(errno.errorcode.get(e.errno, str(e)))
      """;

  private final Process server;

  private OutsideNetwork(Process server) {
    this.server = server;
  }

  static OutsideNetwork open() throws IOException {
    try {
      build();
      var command = inside(NAMESPACE, SERVER);
      PORTS.forEach(port -> command.add(port.toString()));
      var server = new ProcessBuilder(command).redirectErrorStream(true).start();
      var network = new OutsideNetwork(server);
      var said = server.inputReader(UTF_8).readLine();
      if (!"on".equals(said)) {
        throw new IOException("server: " + said);
      }
      return network;
    } catch (IOException e) {
      Failures.undo(e, OutsideNetwork::remove);
      throw e;
    }
  }

  private static void build() throws IOException {
    run("", "ip", "netns", "add", NAMESPACE);
    var link = "link add %s type veth peer name eth0 netns %s".formatted(DEVICE, NAMESPACE);
    run(
        String.join(
            "\n",
            link,
            "addr add %s/24 dev %s".formatted(HOST4, DEVICE),
            "addr add %s/64 dev %s nodad".formatted(HOST6, DEVICE),
            "link set %s up".formatted(DEVICE)),
        "ip",
        "-batch",
        "-");
    var lines = new ArrayList<>(List.of("link set lo up", "link set eth0 up"));
    IPV4.forEach(address -> lines.add("addr add " + address + "/24 dev eth0"));
    IPV6.forEach(address -> lines.add("addr add " + address + "/64 dev eth0 nodad"));
    lines.add("route add default via " + HOST4);
    lines.add("route add default via " + HOST6);
    run(String.join("\n", lines), "ip", "-n", NAMESPACE, "-batch", "-");
  }

  private static List<String> inside(String namespace, String program) {
    return new ArrayList<>(
        List.of("ip", "netns", "exec", namespace, "/usr/bin/python3", "-I", "-c", program));
  }

  /** Connects from a namespace to every destination; returns what came of each, in order. */
  static List<String> connect(String namespace, List<String> destinations) throws IOException {
    return run(
            destinations.stream().map(to -> to + "\n").collect(Collectors.joining()),
            inside(namespace, CLIENT).toArray(String[]::new))
        .lines()
        .toList();
  }

  /** Runs a program to its end, and throws what it said when it failed. */
  static String run(String input, String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.outputWriter(UTF_8)) {
      in.write(input);
    }
    var said = process.inputReader(UTF_8).readAllAsString();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException(e);
    }
    return said;
  }

  private static void remove() throws IOException {
    var failures = new Failures();
    failures.run(() -> run("", "ip", "link", "del", DEVICE));
    failures.run(() -> run("", "ip", "netns", "del", NAMESPACE));
    failures.throwFirst();
  }

  @Override
  public void close() throws IOException {
    server.destroyForcibly();
    remove();
  }
}
