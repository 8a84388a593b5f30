package dev.cloister.sandbox.firewall;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the host, without a shell, and takes nothing but success for an answer. */
final class Program {
  /** How long one may take: 10 seconds. */
  static final long LONGEST_SECONDS = 10;

  /** What is read of its output; one that writes more than the pipe holds does not end in time. */
  static final int MOST_OUTPUT_BYTES = 64 << 10;

  private Program() {}

  /**
   * Runs it to its end.
   *
   * @param input what it reads; it must not write much before it has read all
   * @param command the program and its arguments
   * @return its output
   * @throws IOException when it is not there, does not end, or fails; with its first line
   */
  static String run(String input, String... command) throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    var process = builder.start();
    try {
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(UTF_8));
      } catch (IOException e) {
        // It ended before it read all; its exit code tells why.
        if (process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
          throw e;
        }
      }
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            String.join(" ", command) + ": did not end within " + LONGEST_SECONDS + " seconds");
      }
      var output = new String(process.getInputStream().readNBytes(MOST_OUTPUT_BYTES), UTF_8);
      if (process.exitValue() != 0) {
        throw new IOException(
            "%s: exit %d: %s"
                .formatted(String.join(" ", command), process.exitValue(), firstLine(output)));
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(String.join(" ", command) + ": interrupted", e);
    } finally {
      process.destroyForcibly();
      process.getInputStream().close();
    }
  }

  private static String firstLine(String output) {
    return output.lines().findFirst().orElse("it said nothing");
  }

  /** The same for commands that one program takes as lines of its input. */
  static void batch(List<String> lines, String... command) throws IOException {
    run(String.join("\n", lines) + "\n", command);
  }
}
