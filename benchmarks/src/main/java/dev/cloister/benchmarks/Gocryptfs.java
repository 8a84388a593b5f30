package dev.cloister.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A directory that gocryptfs encrypts with AES-GCM, where that program is. */
final class Gocryptfs implements AutoCloseable {
  private static final String PASSWORD = "of a measurement\n";

  private final Path directory;
  private final Optional<Path> mounted;

  private Gocryptfs(Path directory, Optional<Path> mounted) {
    this.directory = directory;
    this.mounted = mounted;
  }

  static Gocryptfs mount(Path directory) throws IOException {
    try {
      run("gocryptfs", "-version");
    } catch (IOException e) {
      System.out.println("gocryptfs is left out: " + e.getMessage());
      return new Gocryptfs(directory, Optional.empty());
    }
    var encrypted = Files.createDirectories(directory.resolve("encrypted"));
    var plain = Files.createDirectories(directory.resolve("plain"));
    run("gocryptfs", "-q", "-init", encrypted.toString());
    run("gocryptfs", "-q", encrypted.toString(), plain.toString());
    return new Gocryptfs(directory, Optional.of(plain));
  }

  private static void run(String... command) throws IOException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var password = process.getOutputStream()) {
      password.write(PASSWORD.getBytes(UTF_8));
    } catch (IOException _) {
      // It asked for none, and has ended.
    }
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  Optional<Path> path() {
    return mounted;
  }

  @Override
  public void close() throws IOException {
    if (mounted.isEmpty()) {
      return;
    }
    run("fusermount", "-u", mounted.get().toString());
    var all = new ArrayList<Path>();
    try (var walk = Files.walk(directory)) {
      walk.forEach(all::add);
    }
    for (var path : List.copyOf(all).reversed()) {
      Files.delete(path);
    }
  }
}
