package dev.cloister.sandbox.runtime.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process's functions could leave behind on this machine: equal before and after their
 * lives. Groups, namespaces and tables bear this process's number; others' come and go.
 */
record Traces(
    long processes,
    List<String> groups,
    List<String> mounts,
    List<String> networks,
    List<String> tables,
    long descriptors) {

  private static final String OWN = ".*cloister.[0-9]+." + ProcessHandle.current().pid() + ".*";

  static Traces now() throws IOException, InterruptedException {
    return new Traces(
        ProcessHandle.current().descendants().count(),
        below(Path.of("/sys/fs/cgroup"), 6),
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .filter(line -> line.matches(OWN) || !line.contains("netns"))
            .toList(),
        below(Path.of("/run/netns"), 1),
        tablesNow(),
        descriptorsNow());
  }

  /** Others' groups vanish while one looks. */
  private static List<String> below(Path root, int depth) {
    var names = root.toFile().list();
    if (names == null || depth == 0) {
      return List.of();
    }
    return Stream.of(names)
        .map(root::resolve)
        .flatMap(path ->
            Stream.concat(
                Stream.of(path.toString()).filter(text -> text.matches(OWN)),
                below(path, depth - 1).stream()))
        .sorted()
        .toList();
  }

  private static long descriptorsNow() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private static List<String> tablesNow() throws IOException, InterruptedException {
    var process = new ProcessBuilder("nft", "list", "tables").start();
    try (var _ = process.getOutputStream();
        var _ = process.getErrorStream();
        var out = process.getInputStream()) {
      var text = new String(out.readAllBytes(), UTF_8);
      process.waitFor();
      return text.lines().filter(line -> line.matches(OWN)).toList();
    }
  }
}
