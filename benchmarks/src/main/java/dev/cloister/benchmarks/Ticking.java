package dev.cloister.benchmarks;

import dev.cloister.sandbox.host.CellHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A thread that does for a host what is due, as an application's would. */
final class Ticking implements AutoCloseable {
  private static final long AT_MOST_NANOS = 10_000_000;

  private final CellHost host;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private volatile boolean over;

  private Ticking(CellHost host) {
    this.host = host;
  }

  static Ticking of(CellHost host) {
    var ticking = new Ticking(host);
    ticking.thread.execute(ticking::run);
    return ticking;
  }

  private void run() {
    while (!over) {
      try {
        LockSupport.parkNanos(Math.clamp(host.tick(), 1, AT_MOST_NANOS));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    over = true;
    thread.close();
  }
}
