package dev.cloister.benchmarks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.container.OwnNetwork;
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
  private static final String PYTHON = "bare python3";
  private static final String BUBBLEWRAP = "bare bubblewrap with python3";
  private static final String PROCESS = "process tier";
  private static final String CONTAINER = "container";
  private static final String CONNECTED = "container with a network of its own";
  private static final String HOSTED = ", through its host";
  private static final List<String> LINE = BareProgram.python("import posix; posix.write(1, b'x')");

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
    var threads = Thread.ofPlatform().factory();
    var time = TimeSource.system();
    try (var process = ProcessRuntime.open(threads, time);
        var container = ContainerRuntime.open(threads, time);
        var connected = ContainerRuntime.openWithOwnNetwork(threads, time, OwnNetwork.standard());
        var processes = ground.host(process);
        var containers = ground.host(container);
        var _ = Ticking.of(processes);
        var _ = Ticking.of(containers)) {
      var times = new StartTimes();
      times.add(PYTHON, new BareProgram(LINE));
      times.add(PROCESS, new RuntimeStart(ground, process, NetworkPolicy.none()));
      times.add(PROCESS + HOSTED, new HostStart(processes));
      times.add(BUBBLEWRAP, BareBubblewrap.around(ground.image(), LINE));
      times.add(CONTAINER, new RuntimeStart(ground, container, NetworkPolicy.none()));
      times.add(CONTAINER + HOSTED, new HostStart(containers));
      times.add(
          CONNECTED,
          new RuntimeStart(
              ground, connected, NetworkPolicy.parse("measured", List.of("accept 192.0.2.1:80"))));
      times.measure(starts);
      for (var percent : List.of(50, 99)) {
        addStarts(times, percent);
      }
      addTier(PROCESS, processes);
      addTier(CONTAINER, containers);
    }
    print(before, load());
  }

  private void addStarts(StartTimes times, int percent) {
    var python = times.of(PYTHON).millis(percent);
    var bubblewrap = times.of(BUBBLEWRAP).millis(percent);
    var container = times.of(CONTAINER).millis(percent);
    rows.add(
        Row.times(first(PROCESS, percent), times.of(PROCESS).millis(percent), PYTHON, python, 2));
    rows.add(
        Row.time(
            first(PROCESS + HOSTED, percent),
            times.of(PROCESS + HOSTED).millis(percent),
            PYTHON,
            python));
    rows.add(Row.times(first(CONTAINER, percent), container, BUBBLEWRAP, bubblewrap, 1.5));
    rows.add(
        Row.time(
            first(CONTAINER + HOSTED, percent),
            times.of(CONTAINER + HOSTED).millis(percent),
            BUBBLEWRAP,
            bubblewrap));
    rows.add(
        Row.more(
            "a network of its own adds, p" + percent,
            times.of(CONNECTED).millis(percent),
            CONTAINER,
            container));
  }

  private void addTier(String tier, CellHost host) throws IOException, InterruptedException {
    rows.addAll(Neighbours.measure(host, tier, rounds, seconds));
    rows.addAll(Talk.measure(host, tier, rounds));
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
