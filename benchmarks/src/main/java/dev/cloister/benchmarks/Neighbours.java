package dev.cloister.benchmarks;

import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * How much a cell suffers from its neighbour: a hundred calls a second, each an echo of 1 KiB, in
 * stretches that are calm and noisy in turn. Each is made at some moment of its hundredth of a
 * second, for at the same one of each it would meet always, or never, the neighbour's share of a
 * processor, which is given as often. A call is timed from when it was made; one that is late
 * delays the next.
 */
final class Neighbours {
  private static final String ECHO =
      """
      import cell
      while (message := cell.receive()) is not None:
          cell.send(message)
      """;
  private static final int MESSAGE_BYTES = 1024;

  /** After so many, what a call and a tick run is compiled. */
  private static final int WARM_UP = 20_000;

  /**
   * So long each noise is made before any is measured: most of what it has the host do is compiled
   * then.
   */
  private static final Duration NOISE_WARM_UP = Duration.ofSeconds(15);

  private static final long PERIOD_NANOS = 10_000_000;
  private static final long SEED = 7;
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SETTLE = Duration.ofMillis(300);

  private final CellHost host;
  private final String tier;
  private final int rounds;
  private final int callsAStretch;
  private final StartedCell echo;
  private final byte[] message = new byte[MESSAGE_BYTES];
  private final Random moments = new Random(SEED);

  private Neighbours(CellHost host, String tier, int rounds, int seconds) throws IOException {
    this.host = host;
    this.tier = tier;
    this.rounds = rounds;
    this.callsAStretch = (int) (Duration.ofSeconds(seconds).toNanos() / PERIOD_NANOS);
    var code = CellGround.code(ECHO);
    this.echo = host.start(CellGround.manifest(code, CellGround.limits()));
    host.load(Shown.now(echo.grant().invocation()), code, new byte[0]);
  }

  static List<Row> measure(CellHost host, String tier, int rounds, int seconds)
      throws IOException, InterruptedException {
    return new Neighbours(host, tier, rounds, seconds).rows();
  }

  private List<Row> rows() throws IOException, InterruptedException {
    warmUp();
    var rows = new ArrayList<Row>();
    rows.add(control());
    for (var noise : Noise.values()) {
      rows.add(beside(noise));
    }
    return rows;
  }

  /** What this machine's own noise makes of one calm stretch after the other. */
  private Row control() throws IOException, InterruptedException {
    var one = new Latencies();
    var other = new Latencies();
    for (var i = 0; i < rounds; i++) {
      stretch(one);
      Thread.sleep(SETTLE);
      stretch(other);
    }
    return Row.disturbed(tier + ": echo p99, nothing beside it", other.millis(99), one.millis(99));
  }

  private Row beside(Noise noise) throws IOException, InterruptedException {
    var calm = new Latencies();
    var noisy = new Latencies();
    var starts = 0;
    for (var i = 0; i < rounds; i++) {
      stretch(calm);
      try (var cell = NoisyCell.start(host, noise)) {
        Thread.sleep(SETTLE);
        stretch(noisy);
        starts += cell.starts();
      }
      Thread.sleep(SETTLE);
    }
    System.err.printf(
        "%s beside %s: calm p50 %.2f ms, noisy p50 %.2f ms, %d starts%n",
        tier, noise.title(), calm.millis(50), noisy.millis(50), starts);
    var measured = tier + ": echo p99 beside " + noise.title();
    return noise.isOneFunction()
        ? Row.disturbed(measured, noisy.millis(99), calm.millis(99))
        : Row.time(measured, noisy.millis(99), "calm", calm.millis(99));
  }

  private void warmUp() throws IOException, InterruptedException {
    for (var noise : Noise.values()) {
      try (var _ = NoisyCell.start(host, noise)) {
        Thread.sleep(NOISE_WARM_UP);
      }
    }
    for (var i = 0; i < WARM_UP; i++) {
      call();
      host.tick();
    }
  }

  private void stretch(Latencies into) throws IOException {
    var due = System.nanoTime();
    for (var i = 0; i < callsAStretch; i++) {
      LockSupport.parkNanos(due + moments.nextLong(PERIOD_NANOS) - System.nanoTime());
      var began = System.nanoTime();
      call();
      into.add(System.nanoTime() - began);
      due += PERIOD_NANOS;
    }
  }

  private void call() throws IOException {
    var answer = host.call(Shown.now(echo.grant().invocation()), message, LONG);
    if (answer.length != MESSAGE_BYTES) {
      throw new IOException("an echo of " + answer.length + " bytes");
    }
  }
}
