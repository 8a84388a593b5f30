package dev.cloister.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs a stage in a process of its own. Its heap is of one size and touched at the start, so a
 * later peak is of what lies beside it, and what does not fit is an error. In huge pages, where the
 * kernel gives them, for every packet is another place in memory.
 */
public final class StageProcess {
  /** The compiler is through with all of it after three. */
  private static final int RUNS = 4;

  private StageProcess() {}

  static StageResult run(Stage stage, Path capture, Path out)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-Xms256m",
                    "-Xmx256m",
                    "-Xmn64m",
                    "-XX:+UseTransparentHugePages",
                    "-XX:+AlwaysPreTouch",
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
   * Runs one stage over one capture, several times, and prints what it counted and used.
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
    var warm = 0.0;
    var thread = 0.0;
    for (var i = 1; i < RUNS; i++) {
      warm = -Machine.cpuSeconds();
      thread = -Machine.threadCpuSeconds();
      if (!StageWork.run(stage, capture, out).equals(counts)) {
        throw new IllegalStateException("two runs over " + capture + " counted differently");
      }
      warm += Machine.cpuSeconds();
      thread += Machine.threadCpuSeconds();
    }
    new StageResult(
            counts.packets(),
            counts.connections(),
            counts.streamBytes(),
            counts.requests(),
            counts.responses(),
            cold,
            warm,
            thread,
            peak)
        .print();
  }
}
