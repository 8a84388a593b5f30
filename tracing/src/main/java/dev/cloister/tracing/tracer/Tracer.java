package dev.cloister.tracing.tracer;

import dev.cloister.core.CloisterException;
import dev.cloister.core.SealedFailure;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.crypto.storage.SpillCounter;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.record.Parser;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Traces what a context's packet source gives: captures it into the context's store, analyses it
 * from there, and lets out what the policy releases. It has no thread of its own: {@link #capture},
 * {@link #spill}, {@link #beat} and {@link #analyse} are run by the caller's, each by one, all at
 * once or, for a deferred trace, analysis last. Each returns when the source ends or the context
 * closes.
 *
 * <p>What a user's parser does wrong costs its connection alone: what it throws, a stack it
 * overflows, a time it exceeds. One that ignores its interruption is fenced off, and the trace goes
 * on with a thread of the spare executor; without one it ends with that cause.
 */
public final class Tracer {
  private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final SealedContext box;
  private final TracerSettings settings;
  private final PacketSource source;
  private final SpillStore store;
  private final AnalysisRuns runs;
  private final FillForecast forecast;
  private final AtomicBoolean isCaptured = new AtomicBoolean();
  private volatile boolean isWhole;
  private volatile boolean isSpilling;

  private Tracer(SealedContext box, TracerSettings settings) {
    this.box = box;
    this.settings = settings;
    this.source = box.part(PacketSource.class);
    this.store = box.part(SpillStore.class);
    this.runs = new AnalysisRuns(box, store, settings);
    runs.requirePasses();
    this.forecast =
        new FillForecast(store.capacityBytes(), settings.warnBefore(), box.time().nanoTime());
  }

  /**
   * Sets a tracer up in a context that declared a packet source, a spill store, a release policy
   * and an egress.
   *
   * @param box the context
   * @return its setup
   */
  public static Setup in(SealedContext box) {
    return new Setup(box);
  }

  /** How a tracer works; a builder, not safe for use by many threads. */
  public static final class Setup {
    private final SealedContext box;
    private ReassemblyLimits limits = ReassemblyLimits.forTracing();
    private OverlapPolicy overlap = OverlapPolicy.FIRST;
    private Duration parserBudget = Duration.ofSeconds(1);
    private Optional<Executor> spare = Optional.empty();
    private Optional<Executor> ahead = Optional.empty();
    private Duration warnBefore = Duration.ofMinutes(5);
    private int passes = 1;
    private boolean isDeferred;
    private OptionalLong cutoffBytes = OptionalLong.empty();

    private Setup(SealedContext box) {
      this.box = box;
    }

    /**
     * Sets what reassembly may use.
     *
     * @param bounds {@link ReassemblyLimits#forTracing()} unless set
     * @return this
     */
    public Setup limits(ReassemblyLimits bounds) {
      limits = bounds;
      return this;
    }

    /**
     * Sets which copy of a byte counts.
     *
     * @param policy the first unless set
     * @return this
     */
    public Setup overlap(OverlapPolicy policy) {
      overlap = policy;
      return this;
    }

    /**
     * Sets how long a user's parser may take for one call.
     *
     * @param budget 1 s unless set; as long again after its interruption it is fenced off
     * @return this
     */
    public Setup parserBudget(Duration budget) {
      if (budget.compareTo(Duration.ofMillis(1)) < 0) {
        throw new IllegalArgumentException("parserBudget " + budget + ": must be at least 1 ms");
      }
      parserBudget = budget;
      return this;
    }

    /**
     * Sets where analysis goes on when its thread is lost in a parser.
     *
     * @param executor runs it; none unless set
     * @return this
     */
    public Setup spare(Executor executor) {
      spare = Optional.of(executor);
      return this;
    }

    /**
     * Sets where what was spilled is read from disk, while what came before it is analysed.
     *
     * @param executor as {@link SpillStore#reader(Executor)} takes it; none unless set
     * @return this
     */
    public Setup readAhead(Executor executor) {
      ahead = Optional.of(executor);
      return this;
    }

    /**
     * Analyses several times. Every pass but the last is a rehearsal: nothing comes out of it, but
     * the connections that a parser fails in are left out of the last from their beginning.
     *
     * @param count 1 unless set; the store must have declared as many
     * @return this
     */
    public Setup passes(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("passes " + count + ": must be at least 1");
      }
      passes = count;
      return this;
    }

    /**
     * Sets how long before the store is full, if it goes on filling as in the last minute, a
     * heartbeat says so.
     *
     * @param ahead 5 minutes unless set; more than nothing
     * @return this
     */
    public Setup warnBefore(Duration ahead) {
      if (!ahead.isPositive()) {
        throw new IllegalArgumentException("warnBefore " + ahead + ": must be more than 0");
      }
      warnBefore = ahead;
      return this;
    }

    /**
     * Captures first and analyses later. A source that could wait then does not: what the store has
     * no room for is lost, since nothing makes room.
     *
     * @return this
     */
    public Setup deferred() {
      isDeferred = true;
      return this;
    }

    /**
     * Keeps the first bytes of each direction of a TCP connection, and how it begins and ends. What
     * lies behind is lost by that cause, to the analysis as if it had not been captured.
     *
     * @param bytes how many, at least 1; all unless set
     * @return this
     */
    public Setup cutoff(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("cutoff " + bytes + ": must be at least 1 byte");
      }
      cutoffBytes = OptionalLong.of(bytes);
      return this;
    }

    /**
     * Names the protocols to read, and ends the setup.
     *
     * @param parsers of the types that the plan declared
     * @return the tracer
     */
    public Tracer parse(Parser... parsers) {
      return new Tracer(
          box,
          new TracerSettings(
              List.copyOf(Arrays.asList(parsers)),
              limits,
              overlap,
              parserBudget,
              spare,
              ahead,
              warnBefore,
              passes,
              isDeferred || passes > 1,
              cutoffBytes));
    }
  }

  /**
   * Takes frames from the source into the store, until the source ends.
   *
   * @throws IOException when the source cannot be read
   * @throws SealedFailure when the source failed otherwise
   * @throws IllegalStateException when it was called before
   */
  public void capture() throws IOException {
    if (!isCaptured.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this trace is or was captured already: a source is read once");
    }
    try (var _ = box.enter()) {
      new Capture(
              box.ledger(), source, store, settings, this::goesOn, runs::isOver, () -> isSpilling)
          .run();
    } catch (CloisterException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // A source may be a user's, and its words about a frame are not for the application.
      throw SealedFailure.of(
          box.mode(), "capture", box.ledger().tally(TraceCounter.RECEIVED).get(), e);
    } finally {
      store.finish();
      isWhole = true;
    }
  }

  private boolean goesOn() {
    return box.isOpen() && !Thread.currentThread().isInterrupted();
  }

  /** Encrypts and writes what memory cannot hold, until no more will come. */
  public void spill() {
    try (var _ = box.enter()) {
      isSpilling = true;
      do {
        while (goesOn() && store.drain()) {
          // Another block may be waiting.
        }
      } while (goesOn() && store.awaitDrainable(NAP_NANOS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      isSpilling = false;
    }
  }

  /**
   * Sends heartbeats, and watches the parsers and how the store fills, until the context closes and
   * no analysis is left in it.
   *
   * @throws IOException when an egress failed
   */
  public void beat() throws IOException {
    try {
      while (goesOn()) {
        LockSupport.parkNanos(Math.min(tick(), NAP_NANOS));
      }
    } finally {
      // No more heartbeats; but a parser that is lost must still be fenced off.
      while (runs.isAtWork() && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(Math.min(runs.tick(), NAP_NANOS));
      }
    }
  }

  /**
   * Does what {@link #beat} does, once.
   *
   * @return nanoseconds until it is due again
   * @throws IOException when an egress failed
   */
  public long tick() throws IOException {
    // First the parsers: a heartbeat may fail.
    var untilLook = runs.tick();
    var untilForecast = box.isOpen() ? forecast() : Long.MAX_VALUE;
    return Math.min(Math.min(untilLook, untilForecast), box.tick());
  }

  private long forecast() throws IOException {
    var now = box.time().nanoTime();
    if (forecast.due(now) == 0) {
      var held =
          box.ledger().tally(SpillCounter.MEMORY_BYTES).get()
              + box.ledger().tally(SpillCounter.DISK_BYTES).get();
      var left = forecast.observe(now, held);
      if (left.isPresent()) {
        box.report(Event.BUFFER_FILLING, left.get().toSeconds());
      }
    }
    return forecast.due(now);
  }

  /**
   * Analyses what is in the store, as it comes, until no more will come. Returns when the trace is
   * whole, even when another thread had to finish it; it does not return while this thread is lost
   * in a parser, for which {@link #awaitAnalysed} is.
   *
   * @throws IOException when an egress failed
   * @throws SealedFailure when the trace could not go on
   * @throws IllegalStateException when it was called before, when a deferred trace is not captured
   *     yet, or when other tracers have used the store's passes up
   */
  public void analyse() throws IOException {
    if (settings.isDeferred() && !isWhole) {
      throw new IllegalStateException(
          "a deferred trace, and one of several passes, is analysed when capture() has returned");
    }
    runs.start();
    runs.await();
  }

  /**
   * Waits until the trace is whole, on a thread that does nothing else.
   *
   * @throws IOException when an egress failed
   * @throws SealedFailure when the trace could not go on
   */
  public void awaitAnalysed() throws IOException {
    runs.await();
  }

  /**
   * Tells what the trace came to; after the end nothing is left unaccounted.
   *
   * @return the numbers of this moment
   */
  public TraceSummary summary() {
    return Summaries.of(box.ledger());
  }
}
