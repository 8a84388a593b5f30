package dev.cloister.sandbox.firewall;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a python3 in a namespace finds when it connects. */
final class Client {
  /** A line each: address, port, and the peer as the server saw it, or the error. */
  private static final String CONNECT =
      """
      import errno, socket, sys
      for line in sys.stdin:
        host, port = line.split()
        try:
          with socket.create_connection((host, int(port)), 5) as c:
            print(host, port, 'reached', c.recv(100).decode().replace('::ffff:', ''))
        except OSError as e:
          print(host, port, errno.errorcode.get(e.errno, str(e)).replace(' ', '-'), '-')
      """;

  /** Sends twice: the refusal of the first comes back with the second. */
  private static final String DATAGRAM =
      """
      import errno, socket, sys, select
      for line in sys.stdin:
        host, port = line.split()
        s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(5)
        s.connect((host, int(port)))
        try:
          s.send(b'x')
          s.recv(10)
          print(host, port, 'reached', '-')
        except OSError as e:
          print(host, port, errno.errorcode.get(e.errno, str(e)).replace(' ', '-'), '-')
      """;

  /** What came of one destination: "reached" or the error's name, and who the server saw. */
  record Outcome(String result, String seenAs) {}

  private Client() {}

  static Map<String, Outcome> connect(List<String> prefix, List<String> destinations)
      throws IOException {
    return run(prefix, CONNECT, destinations);
  }

  static Map<String, Outcome> sendDatagram(List<String> prefix, List<String> destinations)
      throws IOException {
    return run(prefix, DATAGRAM, destinations);
  }

  private static Map<String, Outcome> run(
      List<String> prefix, String program, List<String> destinations) throws IOException {
    var command = new ArrayList<>(prefix);
    command.addAll(List.of("/usr/bin/python3", "-I", "-c", program));
    var output =
        Program.run(String.join("\n", destinations) + "\n", command.toArray(String[]::new));
    var outcomes = new LinkedHashMap<String, Outcome>();
    for (var line : output.lines().toList()) {
      var fields = line.split(" ", -1);
      outcomes.put(fields[0] + " " + fields[1], new Outcome(fields[2], fields[3]));
    }
    return outcomes;
  }
}
