package dev.cloister.benchmarks;

import dev.cloister.tracing.testing.HttpTraffic;
import dev.cloister.tracing.testing.HttpTraffic.Truth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the way from packets to anonymized lines over generated captures, stage by stage, each
 * in a fresh process whose every CPU second counts, the compiler's and the collector's too. A
 * figure is printed only where packets, requests, responses and bytes are those the generator
 * wrote.
 *
 * <p>Arguments: how many requests the clean capture has (1000000), and the dirty one (400000).
 */
public final class Pipeline {
  private static final int RUNS = 3;

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
    var directory = Files.createTempDirectory("cloister-pipeline-");
    try {
      new Pipeline(directory).run(clean, dirty);
    } finally {
      delete(directory);
    }
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
    lines.add("| stage | capture | M packets/CPU-s | requests/CPU-s | CPU s | wall s | peak MB |");
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

  /** Runs a stage several times, and takes the run of the median CPU time. */
  private String row(Stage stage, Capture capture) throws IOException, InterruptedException {
    var runs = new ArrayList<StageResult>();
    for (var i = 0; i < RUNS; i++) {
      var result = StageProcess.run(stage, capture.file(), directory.resolve("out"));
      result.check(stage, capture.truth());
      runs.add(result);
      System.err.println(stage + " over " + capture.name() + ": " + result);
    }
    runs.sort((a, b) -> Double.compare(a.cpuSeconds(), b.cpuSeconds()));
    var median = runs.get(RUNS / 2);
    return "| %s | %s | %.2f | %,.0f | %.2f | %.2f | %d |"
        .formatted(
            stage.title(),
            capture.name(),
            capture.truth().packets() / median.cpuSeconds() / 1e6,
            capture.truth().requests() / median.cpuSeconds(),
            median.cpuSeconds(),
            median.wallSeconds(),
            median.peakBytes() >> 20)
        .formatted(Locale.ROOT);
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
