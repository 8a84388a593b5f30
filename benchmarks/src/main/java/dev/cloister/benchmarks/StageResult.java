package dev.cloister.benchmarks;

import dev.cloister.tracing.testing.HttpTraffic.Truth;
import java.util.StringJoiner;

/**
 * What a process that ran a stage again and again counted and used; it is printed by that process,
 * and read by the one that started it. Counts that a stage does not have are 0.
 *
 * @param packets how many packets were read
 * @param connections how many connections were found
 * @param streamBytes how many bytes of streams were given
 * @param requests how many requests were found
 * @param responses how many responses were found
 * @param coldCpuSeconds what the process used for its first run, from its very start
 * @param warmCpuSeconds what it used for its last run
 * @param threadCpuSeconds what the thread that did the work used for its last run
 * @param peakBytes the most memory it had, after the first run
 */
record StageResult(
    long packets,
    long connections,
    long streamBytes,
    long requests,
    long responses,
    double coldCpuSeconds,
    double warmCpuSeconds,
    double threadCpuSeconds,
    long peakBytes) {

  private static final String MARK = "result ";

  /** Refuses a figure that was got by not doing the work. */
  void check(Stage stage, Truth truth) {
    expect("packets", truth.packets(), packets);
    if (stage != Stage.WALK) {
      expect("connections", truth.connections(), connections);
      expect("bytes of streams", truth.clientBytes() + truth.serverBytes(), streamBytes);
    }
    if (stage == Stage.LINES) {
      expect("requests", truth.requests(), requests);
      expect("responses", truth.responses(), responses);
    }
  }

  private static void expect(String what, long expected, long found) {
    if (expected != found) {
      throw new IllegalStateException(
          "%s: %d generated, %d found".formatted(what, expected, found));
    }
  }

  void print() {
    var line = new StringJoiner(" ", MARK, "");
    line.add(Long.toString(packets)).add(Long.toString(connections));
    line.add(Long.toString(streamBytes)).add(Long.toString(requests));
    line.add(Long.toString(responses)).add(Double.toString(coldCpuSeconds));
    line.add(Double.toString(warmCpuSeconds)).add(Double.toString(threadCpuSeconds));
    line.add(Long.toString(peakBytes));
    System.out.println(line);
  }

  static boolean isResult(String line) {
    return line.startsWith(MARK);
  }

  static StageResult parse(String line) {
    var parts = line.substring(MARK.length()).split(" ", -1);
    return new StageResult(
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]),
        Long.parseLong(parts[4]),
        Double.parseDouble(parts[5]),
        Double.parseDouble(parts[6]),
        Double.parseDouble(parts[7]),
        Long.parseLong(parts[8]));
  }
}
