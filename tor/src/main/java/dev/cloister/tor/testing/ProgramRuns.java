package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.internal.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Programs that run to their ends side by side, without a shell; their output goes to files. What
 * still runs when this closes is killed. Used by one thread.
 */
final class ProgramRuns implements AutoCloseable {
  private final List<Run> runs = new ArrayList<>();

  private record Run(String program, Process process, Path output) {}

  /**
   * Starts one.
   *
   * @param outputIn where its output lies until it has ended well
   * @param directory where it runs
   * @param input what it reads; less than a pipe holds
   */
  void start(Path outputIn, Path directory, String input, String... command) throws IOException {
    var output = Files.createTempFile(outputIn, "output-", "");
    var process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    runs.add(new Run(command[0], process, output));
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    }
  }

  /** Waits for all to end well. */
  void await(Deadline deadline) throws IOException {
    for (var run : runs) {
      if (!awaitEnd(run.process(), deadline, deadline.within())) {
        throw failure(run, "did not end within " + deadline.within());
      }
      if (run.process().exitValue() != 0) {
        throw failure(run, "ended with exit code " + run.process().exitValue());
      }
      Files.delete(run.output());
    }
  }

  /**
   * Waits for a process to end.
   *
   * @param atMost how long, if the deadline is later
   * @return whether it has ended
   */
  static boolean awaitEnd(Process process, Deadline deadline, Duration atMost)
      throws InterruptedIOException {
    try {
      return process.waitFor(
          Math.min(atMost.toNanos(), deadline.nanosLeft()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while starting a private Tor network");
    }
  }

  private static IOException failure(Run run, String what) {
    return new IOException(
        "%s %s: %s".formatted(run.program(), what, String.join("; ", LogTail.of(run.output()))));
  }

  @Override
  public void close() {
    for (var run : runs) {
      run.process().destroyForcibly().onExit().join();
    }
  }
}
