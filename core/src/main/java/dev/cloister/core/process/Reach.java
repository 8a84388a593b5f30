package dev.cloister.core.process;

import dev.cloister.core.Description;
import dev.cloister.core.internal.os.Landlock.Access;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a sealed process can still get at by a name: every gate that was declared, in one list.
 *
 * @param reads files and directories
 * @param writes directories in which files are made
 * @param ports to which TCP is connected
 * @param unixSockets whether Unix sockets are connected
 */
record Reach(List<Path> reads, List<Path> writes, Set<Integer> ports, boolean unixSockets) {

  /** Copies. */
  Reach {
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
    ports = Set.copyOf(ports);
  }

  /** Which sections of the list of system calls it takes. */
  Set<String> sections() {
    var sections = new LinkedHashSet<String>();
    if (!ports.isEmpty()) {
      sections.add("tcp");
    }
    if (unixSockets) {
      sections.add("unix");
    }
    return sections;
  }

  /** What may be done below each path, what Java itself needs among it. */
  Map<Path, Access> files() throws IOException {
    var files = new LinkedHashMap<>(JavaFiles.needed());
    reads.forEach(path -> files.merge(path, Access.READ, Reach::more));
    writes.forEach(path -> files.put(path, Access.WRITE));
    return files;
  }

  private static Access more(Access one, Access other) {
    return one == Access.READ ? other : one;
  }

  /** How far connections can be kept to what was declared, at best. */
  State connections() {
    return ports.isEmpty() && !unixSockets ? State.ENFORCED : State.WEAKENED;
  }

  /** Says what no seal keeps from what was declared. */
  String connectionsLeft() {
    return (ports.isEmpty()
            ? ""
            : "; a port is let through to every address, as Landlock knows ports alone")
        + (unixSockets ? "; every Unix socket is, that the user may connect to" : "");
  }

  /** Writes what was declared. */
  void describe(Description into) {
    reads.forEach(path -> into.put("reads", path.toAbsolutePath()));
    writes.forEach(path -> into.put("writes", path.toAbsolutePath()));
    new TreeSet<>(ports).forEach(port -> into.put("connects", "tcp port " + port));
    if (unixSockets) {
      into.put("connects", "unix sockets");
    }
  }
}
