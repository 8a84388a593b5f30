package dev.cloister.tracing.tracer;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The threads on which a test runs the steps of a tracer. */
final class Steps implements AutoCloseable, Executor {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** A step of a tracer. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  Future<?> start(Step step) {
    Callable<Boolean> task =
        () -> {
          step.run();
          return true;
        };
    return threads.submit(task);
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
