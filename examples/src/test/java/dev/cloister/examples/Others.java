package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The network beside a box: at the other end of the link {@code eth1} that it watches a web server,
 * and on a link of its own the collector, 192.0.2.7, with its relay at port 4739.
 */
final class Others implements AutoCloseable {
  private static final String COLLECTOR = "192.0.2.7/24";

  private final Loopback box;
  private final Path directory;
  private final String namespace;
  private final List<Process> started = new ArrayList<>();

  private Others(Loopback box, Path directory) {
    this.box = box;
    this.directory = directory;
    this.namespace = box.namespace() + "-others";
  }

  static Others beside(Loopback box, Path directory) throws IOException {
    var others = new Others(box, directory);
    box.ip("netns", "add", others.namespace);
    others.link("eth0", "192.0.2.1/24", COLLECTOR);
    others.link("eth1", "198.51.100.1/24", "198.51.100.2/24");
    var site = Files.createDirectory(directory.resolve("site"));
    Files.writeString(site.resolve("group"), "a page");
    others.start("server", "/usr/bin/python3", "-m", "http.server", "-d", site.toString(), "80");
    return others;
  }

  private void link(String device, String here, String there) throws IOException {
    var near = box.namespace();
    box.ip(
        "link", "add", device, "netns", near, "type", "veth", "peer", device, "netns", namespace);
    box.ip("-n", near, "address", "add", here, "dev", device);
    box.ip("-n", namespace, "address", "add", there, "dev", device);
    box.ip("-n", near, "link", "set", device, "up");
    box.ip("-n", namespace, "link", "set", device, "up");
  }

  private Process start(String name, String... command) throws IOException {
    var inside = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    inside.addAll(List.of(command));
    var process =
        new ProcessBuilder(inside)
            .redirectOutput(directory.resolve(name + "-out").toFile())
            .redirectError(directory.resolve(name + "-err").toFile())
            .start();
    started.add(process);
    return process;
  }

  /** Starts what the document has on a collector; both wait for the box when it returns. */
  Process watch() throws IOException {
    var socket = directory.resolve("watch.socket");
    var watch =
        start(
            "watch",
            JavaChild.onModulePath(List.of(), "Watch", "--listen=" + socket)
                .toArray(String[]::new));
    await(watch, socket);
    var relay =
        Manual.ofAppliances().command("socat").stream()
            .map(word -> word.replace("watch.socket", socket.toString()))
            .toArray(String[]::new);
    start("relay", relay);
    var listening = List.of("ip", "netns", "exec", namespace, "cat", "/proc/net/tcp");
    while (!new String(
            new ProcessBuilder(listening).start().getInputStream().readAllBytes(), US_ASCII)
        .contains(":1283 00000000:0000 0A")) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return watch;
  }

  private static void await(Process process, Path file) {
    while (Files.notExists(file)) {
      assertThat(process.isAlive()).isTrue();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  String watched() throws IOException {
    return Files.readString(directory.resolve("watch-out"));
  }

  /** Fetches a page some times, over the link that is watched. */
  void fetch(int times) throws IOException {
    for (var i = 0; i < times; i++) {
      box.fetchFrom("http://198.51.100.2/group");
    }
  }

  @Override
  public void close() throws IOException {
    started.forEach(process -> process.destroyForcibly().onExit().join());
    box.ip("netns", "del", namespace);
  }
}
