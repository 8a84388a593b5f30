package dev.cloister.examples;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which process of this machine is connected with which, as the kernel has it: see proc(5). */
final class Connections {
  private static final String ESTABLISHED = "01";
  private static final String LISTENING = "0A";
  private static final long NOBODY = -1;
  private static final Pattern SOCKET = Pattern.compile("socket:\\[([0-9]+)\\]");

  /** By their two ends, seen from the first; an address of IPv4 is the end of one of IPv6. */
  private final Map<List<String>, String> sockets = new HashMap<>();

  private final Map<String, Long> owners = new HashMap<>();

  private Connections() {}

  /** Looks at what is there now; what ends meanwhile has no owner. */
  static Connections now() throws IOException {
    var connections = new Connections();
    for (var word : lines()) {
      if (word[3].equals(ESTABLISHED)) {
        connections.sockets.put(List.of(end(word[1]), end(word[2])), word[9]);
      }
    }
    ProcessHandle.allProcesses().forEach(process -> connections.own(process.pid()));
    return connections;
  }

  /** The ports of this machine's loopback on which somebody listens. */
  static Set<Integer> listening() throws IOException {
    var ports = new HashSet<Integer>();
    for (var word : lines()) {
      if (word[3].equals(LISTENING)) {
        ports.add(Integer.parseInt(word[1].substring(word[1].length() - 4), 16));
      }
    }
    return ports;
  }

  private static List<String[]> lines() throws IOException {
    var lines = new ArrayList<String[]>();
    for (var table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      Files.readAllLines(Path.of(table)).forEach(line -> lines.add(line.strip().split("\\s+", -1)));
    }
    return lines;
  }

  /** The last four bytes of an address, as the kernel writes them, and the port. */
  private static String end(String address) {
    return address.substring(Math.max(0, address.length() - 13));
  }

  private void own(long process) {
    var descriptors = Path.of("/proc", Long.toString(process), "fd").toFile().listFiles();
    for (var descriptor : descriptors == null ? new File[0] : descriptors) {
      try {
        var target = SOCKET.matcher(Files.readSymbolicLink(descriptor.toPath()).toString());
        if (target.matches()) {
          owners.put(target.group(1), process);
        }
      } catch (IOException _) {
        // Closed meanwhile.
      }
    }
  }

  /**
   * The processes at the other ends of a process's connections; an end that is not accepted yet, or
   * was closed while one looked, has none.
   */
  Set<Long> peersOf(long process) {
    var peers = new HashSet<Long>();
    sockets.forEach((ends, socket) -> {
      if (Long.valueOf(process).equals(owners.get(socket))) {
        peers.add(ownerOf(ends.reversed()));
      }
    });
    peers.remove(NOBODY);
    return peers;
  }

  /** The process that a connection of this one comes from; others may come from such a port too. */
  long ownerOf(InetSocketAddress peer) {
    var port = ":%04X".formatted(peer.getPort());
    var own = ProcessHandle.current().pid();
    return sockets.keySet().stream()
        .filter(ends -> ends.getFirst().endsWith(port) && ownerOf(ends.reversed()) == own)
        .mapToLong(this::ownerOf)
        .findFirst()
        .orElse(NOBODY);
  }

  private long ownerOf(List<String> ends) {
    return owners.getOrDefault(sockets.getOrDefault(ends, ""), NOBODY);
  }
}
