package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.host.GatedApi;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A host to escape to: a process of root's, {@code bystander.py}, with a canary in every place that
 * has secrets, and with files, sockets, queues, a terminal and a child that anybody may try to
 * reach. It tells what it noticed. For one thread.
 */
final class EscapeWorld implements AutoCloseable {
  /** What is looked for in loot: as much of the canary as fits into a process's name. */
  private static final int SIGN_CHARACTERS = 14;

  private static final long END_SECONDS = 10;
  private static final Pattern WEB = Pattern.compile("\"web\": (\\d+)");

  private final Path root;
  private final String canary;
  private final Process bystander;
  private final BufferedReader said;
  private final String coordinates;

  private EscapeWorld(Path root, String canary, Process bystander) throws IOException {
    this.root = root;
    this.canary = canary;
    this.bystander = bystander;
    this.said = bystander.inputReader(UTF_8);
    this.coordinates =
        Optional.ofNullable(said.readLine())
            .orElseThrow(() -> new IOException("the bystander did not start"));
  }

  /** Makes one, with a canary that was never used before. */
  static EscapeWorld create(String canary) throws IOException {
    var root = Files.createTempDirectory("cloister-escape-");
    // Whatever keeps a function out must be its runtime, not this directory's mode.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    var outside = Files.createDirectory(root.resolve("outside"));
    var source = Attack.resource("doors.py") + Attack.resource("bystander.py");
    var program = Files.writeString(root.resolve("bystander.py"), source);
    var command =
        new ProcessBuilder(
                PlainPython.PYTHON, "-I", "-S", program.toString(), outside.toString(), canary)
            .directory(outside.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    command.environment().put("ESCAPE", canary);
    return new EscapeWorld(root, canary, command.start());
  }

  /** Where all is, as JSON. The canary is not in it. */
  byte[] coordinates() {
    return coordinates.getBytes(UTF_8);
  }

  String canary() {
    return canary;
  }

  /** A directory that is the host's own. */
  Path root() {
    return root;
  }

  /** Where the bystander's files are. */
  Path outside() {
    return root.resolve("outside");
  }

  /** The host's gates for one function, which lead nowhere but to one page of this world's. */
  GatedApi gates(FakeCellApi words) throws IOException {
    var open = NetworkPolicy.parse("the world's", List.of("accept 127.0.0.2:" + web()));
    var store = Files.createTempDirectory(root, "store-");
    return new GatedApi(words, store, open, "127.0.0.2", "127.0.0.1");
  }

  private String web() {
    var port = WEB.matcher(coordinates);
    if (!port.find()) {
      throw new AssertionError("no page in " + coordinates);
    }
    return port.group(1);
  }

  /** Tells whether the loot has the secret. */
  boolean isSecret(String loot) {
    return loot.contains(canary.substring(0, SIGN_CHARACTERS));
  }

  /** What the bystander noticed since it started; empty for nothing. Its death is noticed too. */
  String noticed() {
    try {
      var ask = bystander.outputWriter(UTF_8);
      ask.write('\n');
      ask.flush();
      var answer = said.readLine();
      return answer == null ? "the bystander is gone" : answer.equals("-") ? "" : answer;
    } catch (IOException _) {
      return "the bystander is gone";
    }
  }

  @Override
  public void close() throws IOException {
    try {
      bystander.outputWriter(UTF_8).close();
      if (!bystander.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the bystander did not end in " + END_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the bystander ended", e);
    } finally {
      bystander.destroyForcibly();
      delete();
    }
  }

  private void delete() throws IOException {
    try (var files = Files.walk(root)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
