package dev.cloister.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * What a cell is held against: the same interpreter, started by this JVM and confined by nobody.
 */
record BareProgram(List<String> command) implements FirstByte {
  static final String PYTHON = "/usr/bin/python3";

  /** The flags that a cell's interpreter gets too. */
  static List<String> python(String line) {
    return List.of(PYTHON, "-I", "-S", "-B", "-c", line);
  }

  Process start() throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  @Override
  public long nanos() throws IOException, InterruptedException {
    var began = System.nanoTime();
    var process = start();
    try (var _ = process.getOutputStream();
        var out = process.getInputStream()) {
      read(out);
      return System.nanoTime() - began;
    } finally {
      process.waitFor();
    }
  }

  private void read(InputStream out) throws IOException {
    if (out.read() < 0) {
      throw new IOException(command + " said nothing");
    }
  }
}
