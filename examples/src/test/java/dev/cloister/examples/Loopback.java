package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A network of its own with a loopback, and what runs in it until it is closed. What the program
 * that is tested says goes to two files of a directory, and what others say to others.
 */
final class Loopback implements AutoCloseable {
  private final Path directory;
  private final String namespace = "cloister-" + ProcessHandle.current().pid() + "-live";
  private final List<Process> started = new ArrayList<>();

  private Loopback(Path directory) {
    this.directory = directory;
  }

  static Loopback in(Path directory) throws IOException {
    var network = new Loopback(directory);
    network.ip("netns", "add", network.namespace);
    network.ip("-n", network.namespace, "link", "set", "lo", "up");
    return network;
  }

  void ip(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue())
        .isZero();
  }

  String namespace() {
    return namespace;
  }

  /** Starts the program that is tested. */
  Process start(List<String> command) throws IOException {
    return start("", command);
  }

  private Process start(String name, List<String> command) throws IOException {
    var inside = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    inside.addAll(command);
    var process =
        new ProcessBuilder(inside)
            .redirectOutput(directory.resolve(name + "stdout").toFile())
            .redirectError(directory.resolve(name + "stderr").toFile())
            .start();
    started.add(process);
    return process;
  }

  void serve(Path site) throws IOException {
    start(
        "server",
        List.of(
            "/usr/bin/python3",
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            "-d",
            site.toString(),
            "81"));
  }

  void fetch(String... options) throws IOException {
    fetchFrom("http://127.0.0.1:81/group", options);
  }

  void fetchFrom(String url, String... options) throws IOException {
    var command =
        new ArrayList<>(List.of("curl", "-s", "--retry", "100", "--retry-connrefused", url));
    command.addAll(List.of(options));
    var process = start("fetch", command);
    assertThat(process.onExit().join().exitValue()).isZero();
  }

  String complaints() throws IOException {
    return Files.readString(directory.resolve("stderr"));
  }

  boolean saysOnOutput(String word) throws IOException {
    return Files.readString(directory.resolve("stdout")).contains(word);
  }

  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits for something that a process does. */
  void await(Process process, Condition condition) throws IOException {
    while (!condition.holds()) {
      assertThat(process.isAlive()).as(complaints()).isTrue();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** The classes lie where the user that a process becomes can read them, wherever they did. */
  List<Path> readableModules() throws IOException {
    everybodyEnters(directory);
    var copies = new ArrayList<Path>();
    var parent = directory.resolve("modules");
    if (Files.notExists(parent)) {
      Files.createDirectory(parent);
      everybodyEnters(parent);
    }
    for (var module : JavaChild.modulePath()) {
      var copy = parent.resolve(copies.size() + "-" + module.getFileName());
      copies.add(copy);
      if (Files.notExists(copy)) {
        copy(module, copy);
      }
    }
    return copies;
  }

  private static void copy(Path module, Path copy) throws IOException {
    try (var files = Files.walk(module)) {
      for (var file : files.toList()) {
        var to = copy.resolve(module.relativize(file).toString());
        Files.copy(file, to);
        everybodyEnters(to);
      }
    }
  }

  /** Opens a directory and all that is in it to every user. */
  void letEverybodyRead(Path place) throws IOException {
    try (var files = Files.walk(place)) {
      for (var file : files.toList()) {
        everybodyEnters(file);
      }
    }
  }

  private static void everybodyEnters(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Override
  public void close() throws IOException {
    started.forEach(process -> process.destroyForcibly().onExit().join());
    ip("netns", "del", namespace);
  }
}
