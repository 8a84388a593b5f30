package dev.cloister.examples;

import dev.cloister.core.context.SealedContext;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The threads on which an application runs a tracer's steps, and what it shows meanwhile. */
final class TraceThreads implements AutoCloseable {
  private static final long SHOW_MILLIS = 200;

  private final SealedContext box;
  private final Tracer tracer;

  /** Platform threads: a heartbeat must not wait for one that computes. */
  private final ExecutorService threads = Executors.newCachedThreadPool();

  TraceThreads(SealedContext box, Tracer tracer) {
    this.box = box;
    this.tracer = tracer;
  }

  /** Stops the capture when this is over. */
  private @Nullable Future<?> end;

  /** A step of the tracer, or what it waits for. */
  interface Step {
    void run() throws IOException;
  }

  /** Ends the capture when a step is over; to be called before {@link #run}. */
  void endAfter(Step step) {
    end =
        start(() -> {
          step.run();
          box.part(PacketSource.class).stop();
        });
  }

  void run(boolean isDeferred) throws IOException {
    var beat = start(tracer::beat);
    var spill = start(tracer::spill);
    var capture = start(tracer::capture);
    if (isDeferred) {
      finish(capture);
    }
    var analysis = start(tracer::analyse);
    finish(capture);
    finish(analysis);
    finish(spill);
    if (end != null) {
      end.cancel(true);
    }
    if (beat.isDone()) {
      finish(beat);
    }
  }

  private Future<?> start(Step step) {
    Callable<Boolean> task =
        () -> {
          step.run();
          return true;
        };
    return threads.submit(task);
  }

  private void finish(Future<?> step) throws IOException {
    var progress = new Progress(box);
    try {
      while (!step.isDone()) {
        progress.show();
        Thread.sleep(SHOW_MILLIS);
      }
      progress.clear();
      step.get();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** A line that is written again and again, on a terminal alone. */
  private static final class Progress {
    private final SealedContext box;
    private final boolean isTerminal = isTerminal();

    Progress(SealedContext box) {
      this.box = box;
    }

    private static boolean isTerminal() {
      try {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev/pts");
      } catch (IOException _) {
        return false;
      }
    }

    void show() {
      if (isTerminal && box.isOpen()) {
        var source = box.part(PacketSource.class);
        var total = source.bytesTotal();
        System.err.printf(
            "\r%,d packets captured%s, %,d analysed, %,d requests   ",
            box.ledger().tally(TraceCounter.RECEIVED).get(),
            total == 0 ? "" : " (%d %% of the file)".formatted(100 * source.bytesRead() / total),
            box.ledger().tally(TraceCounter.ANALYSED).get(),
            box.ledger().tally(TraceCounter.HTTP_REQUESTS).get());
      }
    }

    void clear() {
      if (isTerminal) {
        System.err.print("\r" + " ".repeat(100) + "\r");
      }
    }
  }

  /** The heartbeat ends with the context, after this. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
