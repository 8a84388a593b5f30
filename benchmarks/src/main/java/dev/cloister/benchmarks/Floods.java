package dev.cloister.benchmarks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.node.BentoNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a node's clients suffer while strangers flood it, in stretches that are calm and
 * flooded in turn: a hundred calls a second over a conversation that stands, and ten new
 * conversations, each with its handshake. Client, node and strangers share one machine, without
 * Tor. It asserts nothing: a bar that was not met is printed so.
 *
 * <p>Arguments: how often calm and flood change (4), and for how many seconds each (5).
 */
public final class Floods {
  private static final String ECHO =
      """
      import cell
      while (message := cell.receive()) is not None:
          cell.send(message)
      """;
  private static final String API = "receive, send";
  private static final int MESSAGE_BYTES = 1024;
  private static final long PERIOD_NANOS = 10_000_000;
  private static final int CALLS_A_CONVERSATION = 10;
  private static final int PERCENT = 95;
  private static final double TIMES_MOST = 2;
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SETTLE = Duration.ofMillis(500);
  private static final long KEY_BYTES = 256;

  private final int rounds;
  private final int seconds;
  private final List<Row> rows = new ArrayList<>();

  /** How long calls took, and new conversations. */
  private record Suffered(Latencies calls, Latencies conversations) {
    Suffered() {
      this(new Latencies(), new Latencies());
    }
  }

  private Floods(int rounds, int seconds) {
    this.rounds = rounds;
    this.seconds = seconds;
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many rounds, how many seconds
   */
  public static void main(String[] args) throws Exception {
    var floods =
        new Floods(
            args.length > 0 ? Integer.parseInt(args[0]) : 4,
            args.length > 1 ? Integer.parseInt(args[1]) : 5);
    floods.run();
    System.out.printf(
        "%s; %d stretches of %d s%n%n", Machine.describe(), floods.rounds, floods.seconds);
    System.out.println(Row.HEAD);
    floods.rows.forEach(System.out::println);
  }

  private void run() throws Exception {
    try (var ground = CellGround.open();
        var process = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        var host = ground.host(process, API, "reject *:*");
        var _ = Ticking.of(host);
        var server = CellServer.over(host);
        var memory = SecretMemory.onHeap(KEY_BYTES);
        var identity = TransportIdentity.bornIn(memory);
        var tasks = Executors.newVirtualThreadPerTaskExecutor();
        var node = BentoNode.serving(server::serve, identity).onLoopback().open()) {
      tasks.execute(() -> node.serve(tasks));
      var dialer = BentoClient.onLoopback(TimeSource.system()).dialer(node.address());
      var client = CellClient.over(dialer, "node");
      var code = CellGround.code(ECHO);
      try (var cell = client.admit(CellGround.manifest(code, API, CellGround.limits())).start()) {
        cell.load(code, new byte[0]);
        stretch(client, cell, new Suffered()); // Warms up.
        var port = ((NodeAddress.Loopback) node.address().reach()).port();
        var place = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (var flood : Flood.values()) {
          measure(flood, place, client, cell, tasks);
        }
        cell.shutdown();
      }
    }
  }

  private void measure(
      Flood flood,
      InetSocketAddress node,
      CellClient client,
      RemoteCell cell,
      ExecutorService tasks)
      throws IOException, InterruptedException {
    var calm = new Suffered();
    var flooded = new Suffered();
    for (var round = 0; round < rounds; round++) {
      stretch(client, cell, calm);
      var running = tasks.submit(() -> flood(flood, node, client));
      Thread.sleep(SETTLE);
      stretch(client, cell, flooded);
      end(flood, running);
      Thread.sleep(SETTLE);
    }
    add("a call", flood, flooded.calls, calm.calls);
    add("a new conversation", flood, flooded.conversations, calm.conversations);
  }

  private static Flood flood(Flood flood, InetSocketAddress node, CellClient client)
      throws IOException {
    try {
      flood.run(node, client);
    } catch (InterruptedException | ClosedByInterruptException _) {
      // That is its end.
    }
    return flood;
  }

  /** A flood that ended by itself was none. */
  private static void end(Flood flood, Future<Flood> running) throws IOException {
    if (running.isDone()) {
      throw new IOException(flood + " ended before its time", running.exceptionNow());
    }
    running.cancel(true);
  }

  private void add(String what, Flood flood, Latencies flooded, Latencies calm) {
    rows.add(
        Row.times(
            "%s, p95, beside %s".formatted(what, flood.title()),
            flooded.millis(PERCENT),
            "calm",
            calm.millis(PERCENT),
            TIMES_MOST));
  }

  private void stretch(CellClient client, RemoteCell cell, Suffered into) throws IOException {
    var message = new byte[MESSAGE_BYTES];
    var due = System.nanoTime();
    for (var i = 0; i < Duration.ofSeconds(seconds).toNanos() / PERIOD_NANOS; i++) {
      LockSupport.parkNanos(due - System.nanoTime());
      var began = System.nanoTime();
      cell.call(message, LONG);
      into.calls.add(System.nanoTime() - began);
      if (i % CALLS_A_CONVERSATION == 0) {
        var opened = System.nanoTime();
        client.policy();
        into.conversations.add(System.nanoTime() - opened);
      }
      due += PERIOD_NANOS;
    }
  }
}
