package dev.cloister.benchmarks;

import dev.cloister.core.Denied;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cell that makes noise until it is closed: its output is read as fast as it comes, and one that
 * a limit ended is started again.
 */
final class NoisyCell implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(50);

  private final CellHost host;
  private final Noise noise;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final CountDownLatch running = new CountDownLatch(1);
  private volatile boolean over;
  private final AtomicInteger starts = new AtomicInteger();
  private volatile @Nullable Exception failure;

  private NoisyCell(CellHost host, Noise noise) {
    this.host = host;
    this.noise = noise;
  }

  /** Starts it, and returns once it runs. */
  static NoisyCell start(CellHost host, Noise noise) throws IOException, InterruptedException {
    var cell = new NoisyCell(host, noise);
    cell.thread.execute(cell::run);
    cell.running.await();
    return cell;
  }

  private void run() {
    try {
      while (!over) {
        live();
      }
    } catch (IOException | InterruptedException | Denied e) {
      failure = e;
    } finally {
      running.countDown();
    }
  }

  private void live() throws IOException, InterruptedException {
    var code = noise.code();
    var cell = host.start(CellGround.manifest(code, Noise.limits()));
    var attachment = host.attach(Shown.now(cell.grant().invocation()), -1);
    host.load(Shown.now(cell.grant().invocation()), code, new byte[0]);
    starts.incrementAndGet();
    running.countDown();
    while (!over && attachment.ending().isEmpty()) {
      attachment.receive(LOOK).ifPresent(message -> attachment.acknowledge(message.number()));
    }
    shutDown(cell);
  }

  private void shutDown(StartedCell cell) throws IOException {
    try {
      host.shutdown(Shown.now(cell.grant().shutdown()));
    } catch (Denied _) {
      // A tick found that it had ended, and forgot it.
    }
  }

  /** Tells how often it was started. */
  int starts() {
    return starts.get();
  }

  @Override
  public void close() throws IOException {
    over = true;
    thread.close();
    if (failure != null) {
      throw new IOException(noise.title() + " could not be run", failure);
    }
  }
}
