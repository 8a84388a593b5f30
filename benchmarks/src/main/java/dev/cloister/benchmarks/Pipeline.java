package dev.cloister.benchmarks;

import dev.cloister.tracing.testing.HttpTraffic;
import dev.cloister.tracing.testing.HttpTraffic.Truth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures the way from packets to anonymized lines over generated captures, stage by stage, each
 * in a process of its own: warm, the CPU time of the one thread that does the work, and that of all
 * threads, of the compiler and of the collector too; and cold, all of it from the start of the
 * process. A figure is printed only where packets, requests, responses and bytes are those the
 * generator wrote.
 *
 * <p>Arguments: how many requests the clean capture has (1000000), and the dirty one (400000). The
 * captures lie in memory where {@code /dev/shm} has room, so that the disk is not what is measured.
 */
public final class Pipeline {
  private static final int RUNS = 3;
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long ROOM_BYTES = 8L << 30;

  private final Path directory;

  private Pipeline(Path directory) {
    this.directory = directory;
  }

  /** A capture, and what it holds. */
  private record Capture(String name, Path file, Truth truth) {}

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many requests
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var clean = args.length > 0 ? Long.parseLong(args[0]) : 1_000_000;
    var dirty = args.length > 1 ? Long.parseLong(args[1]) : 400_000;
    var directory = Files.createTempDirectory(place(), "cloister-pipeline-");
    try {
      new Pipeline(directory).run(clean, dirty);
    } finally {
      delete(directory);
    }
  }

  private static Path place() throws IOException {
    return Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > ROOM_BYTES
        ? MEMORY
        : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private void run(long cleanRequests, long dirtyRequests)
      throws IOException, InterruptedException {
    var clean = capture("clean", HttpTraffic.of(cleanRequests));
    var tenth = capture("a tenth of it", HttpTraffic.of(Math.max(1, cleanRequests / 10)));
    var dirty =
        capture(
            "dirty", HttpTraffic.of(dirtyRequests).meanBodyBytes(2500).seed(43).dirt(10, 10, 5));
    var lines = new ArrayList<String>();
    lines.add(Machine.describe());
    lines.add("");
    lines.add(
        "| stage | capture | a CPU-second | its thread, warm | all threads, warm | from the start |"
            + " peak MiB |");
    lines.add("|---|---|---|---|---|---|---|");
    for (var stage : Stage.values()) {
      for (var capture : List.of(clean, dirty)) {
        lines.add(row(stage, capture));
      }
    }
    lines.add(row(Stage.LINES, tenth));
    lines.forEach(System.out::println);
  }

  private Capture capture(String name, HttpTraffic traffic) throws IOException {
    var file = directory.resolve(name.replace(' ', '-') + ".pcap");
    System.err.println("generating the capture \"" + name + "\": " + traffic);
    return new Capture(name, file, traffic.write(file));
  }

  /** Runs a stage in several processes, and takes the median of each figure. */
  private String row(Stage stage, Capture capture) throws IOException, InterruptedException {
    var runs = new ArrayList<StageResult>();
    for (var i = 0; i < RUNS; i++) {
      var result = StageProcess.run(stage, capture.file(), directory.resolve("out"));
      result.check(stage, capture.truth());
      runs.add(result);
      System.err.println(stage + " over " + capture.name() + ": " + result);
    }
    var truth = capture.truth();
    var units = stage == Stage.LINES ? truth.requests() / 1e3 : truth.packets() / 1e6;
    return String.format(
        Locale.ROOT,
        stage == Stage.LINES
            ? "| %s | %s | thousand requests | %.0f | %.0f | %.0f | %.0f |"
            : "| %s | %s | million packets | %.1f | %.1f | %.1f | %.0f |",
        stage.title(),
        capture.name(),
        units / median(runs, StageResult::threadCpuSeconds),
        units / median(runs, StageResult::warmCpuSeconds),
        units / median(runs, StageResult::coldCpuSeconds),
        median(runs, StageResult::peakBytes) / (1 << 20));
  }

  private static double median(List<StageResult> runs, ToDoubleFunction<StageResult> figure) {
    return runs.stream().mapToDouble(figure).sorted().skip(RUNS / 2).findFirst().orElseThrow();
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
