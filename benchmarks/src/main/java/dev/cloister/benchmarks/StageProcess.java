package dev.cloister.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a stage in a process of its own. */
public final class StageProcess {
  private StageProcess() {}

  static StageResult run(Stage stage, Path capture, Path out)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-Xms64m",
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    StageProcess.class.getName(),
                    stage.name(),
                    capture.toString(),
                    out.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    StageResult result = null;
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (StageResult.isResult(line)) {
          result = StageResult.parse(line);
        }
      }
    }
    if (process.waitFor() != 0 || result == null) {
      throw new IOException("stage " + stage + " over " + capture + " failed");
    }
    return result;
  }

  /**
   * Runs one stage over one capture, twice, and prints what it counted and used.
   *
   * @param args the stage, the capture, a directory for output
   */
  public static void main(String[] args) throws IOException {
    var stage = Stage.valueOf(args[0]);
    var capture = Path.of(args[1]);
    var out = Path.of(args[2]);
    var counts = StageWork.run(stage, capture, out);
    var cold = Machine.cpuSeconds();
    var peak = Machine.peakBytes();
    if (!StageWork.run(stage, capture, out).equals(counts)) {
      throw new IllegalStateException("two runs over " + capture + " counted differently");
    }
    new StageResult(
            counts.packets(),
            counts.connections(),
            counts.streamBytes(),
            counts.requests(),
            counts.responses(),
            cold,
            Machine.cpuSeconds() - cold,
            peak)
        .print();
  }
}
