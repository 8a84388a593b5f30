package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A host of functions in Python, which really run; it ticks when the test does. */
final class PythonWorld implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(60);

  static final String POLICY =
      """
      version: 1
      images: [python]
      api: [receive, poll, send, store, random, time, exit]
      network: [accept 198.51.100.0/24:80]
      perFunction: {cpuSeconds: 60, cpuShare: 2, wallSeconds: 600, memoryBytes: 67108864,
        processes: 4, openFiles: 64, diskBytes: 100000, bytesIn: 1000000, bytesOut: 1000000}
      total: {cpuSeconds: 6000, cpuShare: 200, wallSeconds: 60000, memoryBytes: 6710886400,
        processes: 400, openFiles: 6400, diskBytes: 10000000, bytesIn: 100000000,
        bytesOut: 100000000}
      lifetime: 600
      """;

  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final RealRuntime.Opened opened;
  final CellHost host;

  PythonWorld(Path directory, RealRuntime kind, ThreadFactory threads, TimeSource time)
      throws IOException {
    this(directory, POLICY, kind.open(threads), time);
  }

  /** Takes a runtime, and closes it after the host. */
  PythonWorld(Path directory, String policy, RealRuntime.Opened opened, TimeSource time)
      throws IOException {
    this(directory, policy, UnaryOperator.identity(), opened, time);
  }

  PythonWorld(
      Path directory,
      String policy,
      UnaryOperator<CellHostPlan> settings,
      RealRuntime.Opened opened,
      TimeSource time)
      throws IOException {
    this.opened = opened;
    var plan =
        CellHost.under(NodePolicy.parse("policy.yaml", policy))
            .images(ImageCatalog.of(image(directory)))
            .runtimes(opened.runtime())
            .directory(directory.resolve("cells"))
            .executor(executor)
            .guarantees(Guarantees.lab())
            .time(time);
    host = settings.apply(plan).open();
  }

  /** A host whose functions have files, mounted below the directory. */
  static PythonWorld withMounts(Path directory, Path mounts, RealRuntime kind) throws IOException {
    return new PythonWorld(
        directory,
        POLICY,
        plan -> plan.mounts(mounts, Thread.ofPlatform().factory()),
        kind.open(),
        TimeSource.system());
  }

  /** The image is written once a directory. */
  private static Image image(Path directory) throws IOException {
    var images = directory.resolve("images");
    if (!Files.exists(images)) {
      return PythonFunctions.image(directory);
    }
    try (var catalog = ImageCatalog.in(images)) {
      return catalog.find("python").orElseThrow();
    }
  }

  /** What a function of this code needs: all that the policy gives, but for what is said. */
  static Manifest manifest(String code, String... limits) {
    return Manifest.parse(
        "manifest.yaml",
        """
        name: test
        codeDigest: %s
        image: python
        api: [receive, poll, send, store, random, time, exit]
        network: [accept 198.51.100.1:80]
        limits: {%s}
        """
            .formatted(Description.sha256Hex(code.getBytes(UTF_8)), String.join(", ", limits)));
  }

  /** A cell that was loaded, and runs. */
  StartedCell running(String code, String... limits) throws IOException {
    var cell = host.start(manifest(code, limits));
    host.load(shown(cell), code.getBytes(UTF_8), new byte[0]);
    return cell;
  }

  static Shown shown(StartedCell cell) {
    return Shown.now(cell.grant().invocation());
  }

  Attachment attached(StartedCell cell) {
    return host.attach(shown(cell), -1);
  }

  /** Ticks until the function's next message; a busy machine may make its start wait for one. */
  byte[] next(Attachment attachment) throws Exception {
    var giveUp = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < giveUp) {
      host.tick();
      var message = attachment.receive(Duration.ofMillis(5));
      if (message.isPresent()) {
        return message.get().bytes();
      }
    }
    throw new AssertionError("nothing within %s; %s".formatted(LONG, attachment.ending()));
  }

  /** Ticks until the function has ended. */
  Ending ended(Attachment attachment) throws Exception {
    var giveUp = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < giveUp) {
      var next = host.tick();
      var ending = attachment.ending();
      if (ending.isPresent()) {
        return ending.get();
      }
      TimeUnit.NANOSECONDS.sleep(Math.clamp(next, 1, 5_000_000));
    }
    throw new AssertionError("the function did not end within " + LONG);
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(host::close);
    failures.run(opened.closing()::close);
    executor.shutdownNow();
    executor.close();
    failures.throwFirst();
  }
}
