package dev.cloister.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A node that runs as a program of its own, and all that it writes, in one directory. */
final class NodeProgram implements AutoCloseable {
  private static final long START_SECONDS = 90;

  private final Path directory;
  private final Process process;

  /** Starts a node, and waits until it has an address. */
  NodeProgram(Path directory, String... options) throws IOException, InterruptedException {
    this.directory = Files.createDirectory(directory);
    var everybodyEnters = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(directory, everybodyEnters);
    Files.setPosixFilePermissions(Files.createDirectory(temporary()), everybodyEnters);
    var arguments = new ArrayList<>(List.of("--serve", "--out=" + directory.resolve("out")));
    arguments.addAll(List.of(options));
    var flags = new ArrayList<>(JavaChild.FLAGS);
    flags.add("-Djava.io.tmpdir=" + temporary());
    this.process =
        new ProcessBuilder(JavaChild.onModulePath(flags, "Node", arguments.toArray(String[]::new)))
            .redirectOutput(directory.resolve("stdout").toFile())
            .redirectError(said().toFile())
            .start();
    awaitAddress();
  }

  private void awaitAddress() throws IOException, InterruptedException {
    var giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(addressFile())) {
      if (!process.isAlive() || System.nanoTime() > giveUp) {
        process.destroyForcibly();
        throw new AssertionError("a node without an address: " + Files.readString(said()));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private Path addressFile() {
    return directory.resolve("out").resolve("address");
  }

  /** Where its functions have what they have. */
  Path temporary() {
    return directory.resolve("tmp");
  }

  /** What it writes of its steps. */
  Path said() {
    return directory.resolve("stderr");
  }

  String address() throws IOException {
    return Files.readString(addressFile()).strip();
  }

  long pid() {
    return process.pid();
  }

  /** All files that it wrote, and those of its functions. */
  List<Path> files() throws IOException {
    try (var all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /** What this machine has of it and of its functions, beside its own process. */
  List<String> traces() throws IOException, InterruptedException {
    var has = new ArrayList<>(bearingItsNumber());
    process.descendants().forEach(child -> has.add("process " + child.pid()));
    try (var left = Files.list(temporary())) {
      left.forEach(file -> has.add("file " + file));
    }
    return has;
  }

  /** Groups, namespaces, mounts and tables are called after the process that made them. */
  private List<String> bearingItsNumber() throws IOException, InterruptedException {
    var all = new ArrayList<>(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    try (var groups = Files.walk(Path.of("/sys/fs/cgroup"), 8);
        var namespaces = Files.walk(Path.of("/run"), 2);
        var firewall = new ProcessBuilder("nft", "list", "tables").start().inputReader()) {
      Stream.concat(groups, namespaces).forEach(path -> all.add(path.toString()));
      all.addAll(firewall.lines().toList());
    }
    var own = ".*cloister-[0-9]+-" + pid() + "-.*";
    return all.stream().filter(line -> line.replace('_', '-').matches(own)).toList();
  }

  /** Ends its input, as its operator does, and waits for its exit code. */
  int end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
