package dev.cloister.tor.onionproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a function with an onion proxy has of this machine: equal before and after its life. Others'
 * groups, networks and tables come and go; ours bear a process's number.
 */
record HostTraces(
    List<TorProcess> tors,
    List<String> files,
    List<String> networks,
    List<String> tables,
    List<String> groups) {

  private static final long SETTLED_NANOS = 20_000_000_000L;

  static HostTraces now(Path directory) throws IOException, InterruptedException {
    return of(directory, ProcessHandle.current().pid());
  }

  /** Looks for what a process has. */
  static HostTraces of(Path directory, long pid) throws IOException, InterruptedException {
    var own = ".*cloister.[0-9]+." + pid + "\\D.*";
    return new HostTraces(
        TorProcess.in(directory),
        names(directory.resolve("op")).filter(name -> name.matches("[0-9].*")).toList(),
        names(Path.of("/run/netns")).filter(name -> name.matches(own)).toList(),
        tablesNow().filter(name -> name.matches(own)).toList(),
        groups(Path.of("/sys/fs/cgroup"), own, 6).toList());
  }

  /** Looks until it sees the same as before, or for a while. */
  static HostTraces whenSettled(Path directory, HostTraces before)
      throws IOException, InterruptedException {
    var begun = System.nanoTime();
    var seen = now(directory);
    while (!seen.equals(before) && System.nanoTime() - begun < SETTLED_NANOS) {
      seen = now(directory);
    }
    return seen;
  }

  private static Stream<String> names(Path directory) {
    var names = directory.toFile().list();
    return names == null ? Stream.of() : Stream.of(names).sorted();
  }

  /** A process may have a group for itself, in which those of its functions are: those count. */
  private static Stream<String> groups(Path root, String own, int depth) {
    return depth == 0
        ? Stream.of()
        : names(root)
            .map(root::resolve)
            .filter(path -> Files.isDirectory(path))
            .flatMap(path ->
                Stream.concat(
                    Stream.of(path.toString()).filter(name -> name.matches(own + "/cell-[0-9]+")),
                    groups(path, own, depth - 1)));
  }

  private static Stream<String> tablesNow() throws IOException, InterruptedException {
    var process = new ProcessBuilder("nft", "list", "tables").start();
    try (var _ = process.getOutputStream();
        var _ = process.getErrorStream();
        var out = process.getInputStream()) {
      var text = new String(out.readAllBytes(), UTF_8);
      process.waitFor();
      return text.lines();
    }
  }
}
