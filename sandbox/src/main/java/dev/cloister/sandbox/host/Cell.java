package dev.cloister.sandbox.host;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One function's life: started, loaded once, run, ended for one reason, and kept until its client
 * has read what it sent. Safe for use by many threads.
 */
final class Cell {
  /** What a cell is made of; all but the guest belongs to its context. */
  record Parts(
      Manifest manifest,
      ResourceLimits limits,
      SealedContext context,
      CellGate gate,
      CellStore store,
      Meter meter,
      CellApi api,
      GuestProcess guest) {}

  private final Parts parts;
  private final TimeSource time;
  private final long startedNanos;
  private final long lifeNanos;
  private final Consumer<Ending> whenEnded;

  private boolean loaded;
  private boolean running;
  private @Nullable Ending ending;
  private long endedNanos;
  private long diskBytesAtEnd;
  private @Nullable IOException leftBehind;

  /**
   * Begins a life.
   *
   * @param life how long the cell is kept at most
   * @param whenEnded is told, once, when the guest is gone and its limits are free
   */
  Cell(Parts parts, Duration life, Consumer<Ending> whenEnded) {
    this.parts = parts;
    this.time = parts.context().time();
    this.startedNanos = time.nanoTime();
    this.lifeNanos = life.toNanos();
    this.whenEnded = whenEnded;
  }

  ContextId id() {
    return parts.context().id();
  }

  CellGate gate() {
    return parts.gate();
  }

  /** Takes a message in, as far as the limit allows, and waits for the answer. */
  byte[] exchange(byte[] message, Duration deadline) throws IOException {
    parts.meter().in(message.length);
    return parts.gate().exchange(message, deadline);
  }

  Meter meter() {
    return parts.meter();
  }

  SealedContext context() {
    return parts.context();
  }

  /**
   * Takes the function's code and data, once, and runs it.
   *
   * @throws Denied when the code is not the manifest's, a limit is too small, or the cell was
   *     loaded or has ended
   */
  void load(byte[] code, byte[] data, Executor executor) throws IOException {
    var digest = Description.sha256Hex(code);
    if (!digest.equals(parts.manifest().codeDigest())) {
      throw new Denied(
          "codeDigest",
          "the code's is %s, the manifest's %s: load what the manifest names"
              .formatted(digest, parts.manifest().codeDigest()));
    }
    begin();
    parts.meter().in(code.length);
    parts.meter().in(data.length);
    parts.store().put("data", ByteBuffer.wrap(data));
    parts
        .context()
        .load(new Description().put("code", digest).put("data", Description.sha256Hex(data)));
    var own = code.clone();
    try {
      executor.execute(() -> run(own));
    } catch (RejectedExecutionException e) {
      end(Ending.of(Cause.CLOSED, "the host runs nothing more"));
      throw new IOException("the host's executor takes no task: it was shut down, or is full", e);
    }
  }

  private synchronized void begin() {
    if (loaded || ending != null) {
      throw new Denied("loaded once", "this cell was loaded, or has ended: start another");
    }
    loaded = true;
  }

  private void run(byte[] code) {
    if (Thread.currentThread().isVirtual()) {
      end(
          Ending.of(
              Cause.CLOSED,
              "the host's executor gave a virtual thread: a function needs a platform thread, since"
                  + " it may keep it"));
      return;
    }
    if (!enter()) {
      return;
    }
    // Inside the context, so that closing it waits until all of the guest is given back.
    try (var _ = parts.context().enter()) {
      ended(parts.guest().run(code, parts.api()));
    } catch (ContextDestroyed _) {
      ended(Ending.of(Cause.CLOSED));
    }
  }

  private void ended(Ending how) {
    synchronized (this) {
      running = false;
    }
    end(how);
  }

  private synchronized boolean enter() {
    running = ending == null;
    return running;
  }

  /** Ends the function for a reason, unless it has ended; its output can still be read. */
  void end(Ending why) {
    if (isRunning()) {
      // Its thread comes back with this reason, or with an earlier one.
      parts.guest().stop(why);
      parts.gate().functionEnded();
      return;
    }
    if (first(why)) {
      parts.guest().stop(why);
      parts.gate().functionEnded();
      try {
        parts.guest().close();
      } catch (IOException e) {
        leftBehind = e;
      }
      whenEnded.accept(why);
    }
  }

  private synchronized boolean isRunning() {
    return running;
  }

  private synchronized boolean first(Ending why) {
    if (ending != null) {
      return false;
    }
    ending = why;
    endedNanos = time.nanoTime();
    diskBytesAtEnd = parts.store().usedBytes();
    return true;
  }

  synchronized @Nullable Ending ending() {
    return ending;
  }

  /** Tells what the function used; what it had used at its end, once it has ended. */
  Usage usage() {
    return parts
        .guest()
        .usage()
        .metered(wallNanos(), diskBytes(), parts.meter().bytesIn(), parts.meter().bytesOut());
  }

  private synchronized long wallNanos() {
    return (ending == null ? time.nanoTime() : endedNanos) - startedNanos;
  }

  private synchronized long diskBytes() {
    return ending == null ? parts.store().usedBytes() : diskBytesAtEnd;
  }

  /** Tells whether nobody has a use for the cell any more. */
  boolean isOver() {
    return ending() != null && (parts.gate().outbox().isDrained() || lifeLeft() <= 0);
  }

  private long lifeLeft() {
    return startedNanos + lifeNanos - time.nanoTime();
  }

  /** Does what is due; returns the nanoseconds until the next. */
  long tick() throws IOException {
    if (ending() == null) {
      endWhatIsDue();
    }
    var next = Math.min(Math.max(0, lifeLeft()), parts.context().tick());
    return ending() == null
        ? Math.min(Math.min(next, parts.guest().tick()), Math.max(0, wallLeft()))
        : next;
  }

  /** The function's own limit goes before the cell's, for it says more. */
  private void endWhatIsDue() {
    if (wallLeft() <= 0) {
      var wall = parts.limits().duration(Resource.WALL_SECONDS);
      end(Ending.atLimit(Resource.WALL_SECONDS, "%s since its start".formatted(wall)));
    } else if (lifeLeft() <= 0) {
      end(Ending.of(Cause.EXPIRED, "the cell's lifetime is over"));
    } else {
      var used = usage();
      holdTraffic(Resource.BYTES_IN, used.bytesIn());
      holdTraffic(Resource.BYTES_OUT, used.bytesOut());
    }
  }

  /** Messages and what passed through a network of the function's own have one limit together. */
  private void holdTraffic(Resource limit, long used) {
    var most = parts.limits().of(limit);
    if (used > most) {
      end(Ending.atLimit(limit, "%d bytes of %d, its own network's too".formatted(used, most)));
    }
  }

  private long wallLeft() {
    return startedNanos
        + parts.limits().duration(Resource.WALL_SECONDS).toNanos()
        - time.nanoTime();
  }

  /**
   * Ends the function for a reason, and gives back everything.
   *
   * @throws IOException the first failure, with the others suppressed; all the rest was done
   */
  void close(Ending why) throws IOException {
    end(why);
    parts.gate().close();
    try {
      parts.context().close();
    } catch (IOException e) {
      if (leftBehind != null) {
        e.addSuppressed(leftBehind);
      }
      throw e;
    }
    if (leftBehind != null) {
      throw leftBehind;
    }
  }
}
