package dev.cloister.benchmarks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures what a cell costs beside the same program without one, all in one run and in turn: how
 * long it takes to the first byte of an answer, what its neighbours make it suffer, and how much
 * goes through it. It asserts nothing: a bar that was not met is printed so.
 *
 * <p>Arguments: how many starts of each kind (200), how often calm and noise change (4), and for
 * how many seconds each (3).
 */
public final class Cells {
  private static final String BARE = "bare python3";
  private static final String ALONE = "process tier, the runtime alone";
  private static final String HOSTED = "process tier, through its host";

  private final CellGround ground;
  private final int starts;
  private final int rounds;
  private final int seconds;
  private final List<Row> rows = new ArrayList<>();

  private Cells(CellGround ground, int starts, int rounds, int seconds) {
    this.ground = ground;
    this.starts = starts;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many starts, how many rounds, how many seconds
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (var ground = CellGround.open()) {
      new Cells(ground, argument(args, 0, 200), argument(args, 1, 4), argument(args, 2, 3)).run();
    }
  }

  private static int argument(String[] args, int at, int usual) {
    return args.length > at ? Integer.parseInt(args[at]) : usual;
  }

  private void run() throws IOException, InterruptedException {
    var before = load();
    try (var runtime = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        var host = ground.host(runtime);
        var _ = Ticking.of(host)) {
      var times = new StartTimes();
      times.add(BARE, new BareProgram(BareProgram.python("import posix; posix.write(1, b'x')")));
      times.add(ALONE, new RuntimeStart(ground, runtime, NetworkPolicy.none()));
      times.add(HOSTED, new HostStart(host));
      times.measure(starts);
      for (var percent : List.of(50, 99)) {
        var bare = times.of(BARE).millis(percent);
        rows.add(Row.times(first(ALONE, percent), times.of(ALONE).millis(percent), BARE, bare, 2));
        rows.add(Row.time(first(HOSTED, percent), times.of(HOSTED).millis(percent), BARE, bare));
      }
      rows.addAll(Neighbours.measure(host, "process tier", rounds, seconds));
      rows.addAll(Talk.measure(host, "process tier", rounds));
    }
    print(before, load());
  }

  private static String first(String what, int percent) {
    return "%s: start to first byte, p%d".formatted(what, percent);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private void print(double before, double after) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%s; load average %.1f before, %.1f after; %d starts of each kind, %d stretches of %d"
            + " s%n%n",
        Machine.describe(),
        before,
        after,
        starts,
        rounds,
        seconds);
    System.out.println(Row.HEAD);
    rows.forEach(System.out::println);
  }
}
