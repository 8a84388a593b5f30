package dev.cloister.tor.function;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.CellHostPlan;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/** A host whose functions in Python really run; a thread of the test ticks it. */
final class FunctionWorld implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(60);

  /** What runs functions in Python on this machine. */
  enum Tier {
    PROCESS {
      @Override
      Opened open() {
        var runtime = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        return new Opened(runtime, runtime::close);
      }
    },
    CONTAINER {
      @Override
      Opened open() throws IOException {
        var runtime = ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        return new Opened(runtime, runtime::close);
      }
    };

    abstract Opened open() throws IOException;
  }

  /** A runtime, and how it is given back. */
  record Opened(FunctionRuntime runtime, Closeable closing) {}

  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final Opened opened;
  private final ImageCatalog images;
  private final Path cells;
  private final Thread ticking;
  private volatile boolean closed;
  final CellHost host;
  private final NetworkPolicy network;

  FunctionWorld(Path directory, Tier tier, String... network) throws IOException {
    this(directory, tier, UnaryOperator.identity(), network);
  }

  FunctionWorld(Path directory, Tier tier, UnaryOperator<CellHostPlan> settings, String... network)
      throws IOException {
    this.opened = tier.open();
    this.images = images(directory);
    this.cells = directory.resolve("cells");
    this.network = NetworkPolicy.parse("network", List.of(network));
    this.host =
        settings
            .apply(
                CellHost.under(NodePolicy.parse("policy.yaml", policy(network)))
                    .images(images)
                    .runtimes(opened.runtime())
                    .directory(cells)
                    .executor(executor)
                    .guarantees(Guarantees.lab()))
            .open();
    this.ticking = Thread.ofVirtual().start(this::tick);
  }

  private static String policy(String... network) {
    return """
    version: 1
    images: [python]
    api: [receive, send, store, fetch, call]
    network: ["%s"]
    perFunction: {cpuSeconds: 60, cpuShare: 2, wallSeconds: 600, memoryBytes: 167772160,
      processes: 4, openFiles: 64, diskBytes: 50000000, bytesIn: 200000000, bytesOut: 200000000}
    total: {cpuSeconds: 1200, cpuShare: 40, wallSeconds: 12000, memoryBytes: 3355443200,
      processes: 80, openFiles: 1280, diskBytes: 1000000000, bytesIn: 4000000000,
      bytesOut: 4000000000}
    lifetime: 600
    """
        .formatted(String.join("\", \"", network));
  }

  private static ImageCatalog images(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var catalog = directory.resolve("images");
    if (!Files.exists(catalog)) {
      PythonGuest.install(Files.createDirectories(catalog.resolve("python")));
    }
    return ImageCatalog.in(catalog);
  }

  private void tick() {
    try {
      while (!closed) {
        Thread.sleep(Duration.ofNanos(Math.clamp(host.tick(), 1, 5_000_000)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException _) {
      // The test has ended.
    }
  }

  StartedCell started(Manifest manifest, byte[] code, byte[] data) throws IOException {
    var cell = host.start(manifest);
    host.load(Shown.now(cell.grant().invocation()), code, data);
    return cell;
  }

  StartedCell browser() throws IOException {
    return started(Browser.manifestToStore("python", network), Browser.code(), new byte[0]);
  }

  StartedCell dropbox(DropboxBounds bounds, long contentBytesMax) throws IOException {
    return started(
        Dropbox.manifest("python", contentBytesMax), Dropbox.code(), Dropbox.data(bounds));
  }

  LocalFunction talk(StartedCell cell) {
    return LocalFunction.in(host, cell.grant().invocation());
  }

  InvocationToken narrowed(StartedCell cell, int uses) {
    return host.delegate(
        Shown.now(cell.grant().invocation()),
        Terms.lasting(Duration.ofMinutes(5)).uses(uses).undelegable());
  }

  /** What cells keep on the host's disk now, beside the mark of the host itself. */
  List<Path> kept() throws IOException {
    while (true) {
      try (var files = Files.walk(cells)) {
        return files.filter(path -> path.toString().contains(".cell/")).toList();
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
        // A cell went while it was looked at.
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    ticking.interrupt();
    var failures = new Failures();
    failures.run(host::close);
    failures.run(opened.closing()::close);
    failures.run(images::close);
    executor.shutdownNow();
    executor.close();
    failures.throwFirst();
  }
}
