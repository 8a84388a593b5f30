package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.CellHostPlan;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.internal.Threads;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.testing.CellChannels;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A node in this process: a host of functions of Java, a server, and ways to it in memory. */
final class Node implements AutoCloseable {
  static final byte[] CODE = "the code of a function".getBytes(UTF_8);
  static final Duration LONG = Duration.ofSeconds(30);

  static final String POLICY =
      """
      version: 1
      images: [java]
      api: [receive, poll, send, store, random, time, call, exit]
      perFunction: {cpuSeconds: 10, cpuShare: 1, wallSeconds: 600, memoryBytes: 1000000,
        processes: 1, openFiles: 16, diskBytes: 50000000, bytesIn: 50000000, bytesOut: 50000000}
      total: {cpuSeconds: 40, cpuShare: 4, wallSeconds: 2400, memoryBytes: 4000000,
        processes: 4, openFiles: 64, diskBytes: 200000000, bytesIn: 200000000,
        bytesOut: 200000000}
      lifetime: 600
      """;

  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  final CellHost host;
  final CellServer server;

  Node(Path directory, ServerLimits limits, InMemoryRuntime.Function function) throws IOException {
    this(directory, limits, TimeSource.system(), UnaryOperator.identity(), function);
  }

  Node(
      Path directory,
      ServerLimits limits,
      TimeSource time,
      UnaryOperator<CellHostPlan> settings,
      InMemoryRuntime.Function function)
      throws IOException {
    this(directory, NodePolicy.parse("policy.yaml", POLICY), limits, time, settings, function);
  }

  Node(Path directory, NodePolicy policy, InMemoryRuntime.Function function) throws IOException {
    this(
        directory,
        policy,
        ServerLimits.defaults(),
        TimeSource.system(),
        UnaryOperator.identity(),
        function);
  }

  private Node(
      Path directory,
      NodePolicy policy,
      ServerLimits limits,
      TimeSource time,
      UnaryOperator<CellHostPlan> settings,
      InMemoryRuntime.Function function)
      throws IOException {
    var plan =
        CellHost.under(policy)
            .images(ImageCatalog.of(InMemoryRuntime.image("java")))
            .runtimes(InMemoryRuntime.of(function))
            .directory(directory)
            .executor(executor)
            .guarantees(Guarantees.lab())
            .machine(new FakeHost());
    host = settings.apply(plan).open();
    server = CellServer.over(host, limits, time);
  }

  /** A function that answers each message by itself, until no more come. */
  static void echo(byte[] code, CellApi api) throws Exception {
    var message = api.receive(Duration.ofMinutes(5));
    while (message.isPresent()) {
      api.send(message.get());
      message = api.receive(Duration.ofMinutes(5));
    }
  }

  static Manifest manifest() {
    return manifest("receive, poll, send, store, random, time, exit");
  }

  static Manifest manifest(String api) {
    return Manifest.parse(
        "manifest.yaml",
        """
        name: test
        codeDigest: %s
        image: java
        api: [%s]
        """
            .formatted(Description.sha256Hex(CODE), api));
  }

  /** Opens a way to the server, which serves it on a thread of its own. */
  CellChannel dial() {
    var pair = CellChannels.pair();
    executor.execute(() -> server.serve(pair.server()));
    return pair.client();
  }

  CellClient client() {
    return CellClient.over(_ -> dial(), "here");
  }

  /** A function that runs. */
  RemoteCell running(byte[] data) throws IOException {
    var cell = client().admit(manifest()).start();
    cell.load(CODE, data);
    return cell;
  }

  /** A function that runs, without data. */
  RemoteCell running() throws IOException {
    return running(new byte[0]);
  }

  /** Waits until nobody is served. */
  void awaitQuiet() {
    try {
      for (var i = 0; i < 3000 && server.serving() > 0; i++) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(server.serving()).isZero();
  }

  long counted(SessionCounter counter) {
    return server.ledger().tally(counter).get();
  }

  /** Waits until a number was counted. */
  void awaitCounted(SessionCounter counter, long number) throws InterruptedException {
    for (var i = 0; i < 3000; i++) {
      if (counted(counter) >= number) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    throw new AssertionError(
        "no %d of %s: %s; %s"
            .formatted(number, counter, server.ledger().counters(), Threads.now()));
  }

  /** Each conversation that began is open, or ended by one cause; so are requests. */
  void assertThatCountersAddUp() {
    var ends = EnumSet.range(SessionCounter.LEFT, SessionCounter.STOPPED);
    assertThat(counted(SessionCounter.OPEN) + sum(ends))
        .as("conversations: %s", server.ledger().counters())
        .isEqualTo(counted(SessionCounter.BEGUN));
    var requests = counted(SessionCounter.REQUESTS);
    assertThat(sum(EnumSet.range(SessionCounter.ANSWERED, SessionCounter.OVER)))
        .as("requests: %s", server.ledger().counters())
        .isBetween(requests - counted(SessionCounter.BEGUN), requests);
  }

  private long sum(Iterable<SessionCounter> counters) {
    var sum = 0L;
    for (var counter : counters) {
      sum += counted(counter);
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    server.close();
    host.close();
    executor.shutdownNow();
    executor.close();
  }
}
