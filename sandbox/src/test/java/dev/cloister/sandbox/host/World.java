package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/** A host of functions of Java, with clocks that the test moves. */
final class World implements AutoCloseable {
  static final byte[] CODE = "the code".getBytes(UTF_8);

  static final String POLICY =
      """
      version: 1
      images: [java]
      api: [receive, poll, send, store, random, time, exit]
      perFunction: {cpuSeconds: 10, cpuShare: 1, wallSeconds: 60, memoryBytes: 1000000,
        processes: 1, openFiles: 16, diskBytes: 100000, bytesIn: 1000000, bytesOut: 1000000}
      total: {cpuSeconds: 30, cpuShare: 3, wallSeconds: 180, memoryBytes: 3000000,
        processes: 3, openFiles: 48, diskBytes: 300000, bytesIn: 3000000, bytesOut: 3000000}
      lifetime: 600
      """;

  final FakeTime time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  final CellHost host;

  World(Path directory, String policy, FunctionRuntime... runtimes) throws IOException {
    this(directory, policy, UnaryOperator.identity(), runtimes);
  }

  World(
      Path directory,
      String policy,
      UnaryOperator<CellHostPlan> settings,
      FunctionRuntime... runtimes)
      throws IOException {
    host = settings.apply(plan(directory, policy)).runtimes(runtimes).open();
  }

  World(Path directory, InMemoryRuntime.Function function) throws IOException {
    this(directory, POLICY, InMemoryRuntime.of(function));
  }

  private CellHostPlan plan(Path directory, String policy) {
    return CellHost.under(NodePolicy.parse("policy.yaml", policy))
        .images(ImageCatalog.of(InMemoryRuntime.image("java")))
        .directory(directory)
        .executor(executor)
        .guarantees(Guarantees.lab())
        .machine(new FakeHost())
        .time(time);
  }

  /** What a function needs, by default all that the policy gives. */
  static Manifest manifest(String... more) {
    return manifestFor("receive, poll, send, store, random, time, exit", more);
  }

  static Manifest manifestFor(String api, String... more) {
    return Manifest.parse(
        "manifest.yaml",
        """
        name: test
        codeDigest: %s
        image: java
        api: [%s]
        %s
        """
            .formatted(Description.sha256Hex(CODE), api, String.join("\n", more)));
  }

  /** A cell that was loaded, and runs. */
  StartedCell running(Manifest manifest) throws IOException {
    var cell = host.start(manifest);
    host.load(Shown.now(cell.grant().invocation()), CODE, new byte[0]);
    return cell;
  }

  StartedCell running() throws IOException {
    return running(manifest());
  }

  Attachment attached(StartedCell cell, long last) {
    return host.attach(Shown.now(cell.grant().invocation()), last);
  }

  /** Ticks until the function has ended. */
  Ending ended(Attachment attachment) throws IOException, InterruptedException {
    for (var i = 0; i < 3000; i++) {
      host.tick();
      var ending = attachment.ending();
      if (ending.isPresent()) {
        return ending.get();
      }
      Thread.sleep(10);
    }
    throw new AssertionError("the function did not end");
  }

  @Override
  public void close() throws IOException {
    host.close();
    executor.shutdownNow();
    executor.close();
  }
}
