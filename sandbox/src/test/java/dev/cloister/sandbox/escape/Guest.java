package dev.cloister.sandbox.escape;

import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.GuestProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A function that runs in a contender, and is ticked meanwhile. */
final class Guest implements AutoCloseable {
  private static final long SECONDS_AT_MOST = 60;
  private static final long TICK_NANOS_AT_MOST = Duration.ofMillis(5).toNanos();

  private final GuestProcess process;
  private final Future<Ending> running;
  private final Future<?> ticking;

  Guest(Contender contender, String cell, byte[] code, CellApi api, ExecutorService executor)
      throws IOException {
    process = contender.start(cell);
    running = executor.submit(() -> process.run(code, api));
    ticking = executor.submit(this::tick);
  }

  private void tick() {
    while (!running.isDone()) {
      LockSupport.parkNanos(Math.clamp(process.tick(), 1, TICK_NANOS_AT_MOST));
    }
  }

  Ending ending() throws InterruptedException {
    try {
      var ending = running.get(SECONDS_AT_MOST, TimeUnit.SECONDS);
      ticking.get();
      return ending;
    } catch (ExecutionException e) {
      throw new AssertionError("a guest's host threw", e);
    } catch (TimeoutException e) {
      throw new AssertionError("a guest did not end in " + SECONDS_AT_MOST + " s", e);
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
