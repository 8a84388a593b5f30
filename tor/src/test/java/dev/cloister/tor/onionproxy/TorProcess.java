package dev.cloister.tor.onionproxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A tor of a function, as the kernel shows it. */
record TorProcess(ProcessHandle handle, Path directory) {

  /** Finds those whose directories lie below one. */
  static List<TorProcess> in(Path below) {
    var torrc =
        Pattern.compile(Pattern.quote(below.resolve("op").toString()) + "/[^/\0]*(?=/torrc)");
    return ProcessHandle.allProcesses()
        .flatMap(handle -> {
          var match = torrc.matcher(read(handle, "cmdline"));
          return match.find()
              ? Stream.of(new TorProcess(handle, Path.of(match.group())))
              : Stream.of();
        })
        .toList();
  }

  /** What has ended meanwhile says nothing. */
  private static String read(ProcessHandle handle, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(handle.pid()), file));
    } catch (IOException _) {
      return "";
    }
  }

  String status() {
    return read(handle, "status");
  }

  int user() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc", Long.toString(handle.pid())), "unix:uid");
  }

  void kill() {
    handle.destroyForcibly();
  }

  /** Reads a setting of its control group, by its name in version 1 or 2. */
  String groupsSay(String version1, String version2) throws IOException {
    for (var line : read(handle, "cgroup").lines().toList()) {
      var parts = line.split(":", 3);
      for (var place :
          List.of(
              Path.of("/sys/fs/cgroup", parts[1] + parts[2], version1),
              Path.of("/sys/fs/cgroup" + parts[2], version2))) {
        if (Files.exists(place)) {
          return Files.readString(place).strip();
        }
      }
    }
    return "no such setting";
  }

  /** Returns the kernel's lines of TCP sockets of its own on which it listens. */
  List<String> portsThatListen() throws IOException {
    try (var all = Files.list(Path.of("/proc", Long.toString(handle.pid()), "fd"))) {
      var own = all.map(TorProcess::target).toList();
      return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
          .flatMap(table -> lines(Path.of(table)))
          .map(line -> line.strip().split("\\s+", -1))
          .filter(fields -> fields[3].equals("0A") && own.contains("socket:[" + fields[9] + "]"))
          .map(fields -> fields[1])
          .toList();
    }
  }

  private static Stream<String> lines(Path table) {
    try {
      return Files.readAllLines(table).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException _) {
      return "";
    }
  }
}
