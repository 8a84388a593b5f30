package dev.cloister.tracing.tracer;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.Tally;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.crypto.storage.SpillStore.Vacancy;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.PacketSource;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Takes frames from a source into a store, until the source ends or the tracer does not go on. */
final class Capture {
  private static final int FRAMES_A_POLL = 256;
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final PacketSource source;
  private final SpillStore store;
  private final TracerSettings settings;
  private final BooleanSupplier goesOn;
  private final BooleanSupplier isAnalysed;
  private final BooleanSupplier isSpilled;
  private final Tally received;
  private final StoredFrame stored = new StoredFrame();
  private final @Nullable Cutoff cutoff;

  /**
   * Begins.
   *
   * @param goesOn whether the context is open and nobody interrupted this
   * @param isAnalysed whether no analysis will make room any more
   * @param isSpilled whether another thread writes what goes to disk
   */
  Capture(
      Ledger ledger,
      PacketSource source,
      SpillStore store,
      TracerSettings settings,
      BooleanSupplier goesOn,
      BooleanSupplier isAnalysed,
      BooleanSupplier isSpilled) {
    this.source = source;
    this.store = store;
    this.settings = settings;
    this.goesOn = goesOn;
    this.isAnalysed = isAnalysed;
    this.isSpilled = isSpilled;
    this.received = ledger.tally(TraceCounter.RECEIVED);
    this.cutoff =
        settings.cutoffBytes().isPresent()
            ? new Cutoff(settings.cutoffBytes().getAsLong(), ledger)
            : null;
  }

  void run() throws IOException {
    var given = 0;
    while (goesOn.getAsBoolean() && given >= 0) {
      given = source.poll(this::store, FRAMES_A_POLL);
      if (given == 0) {
        LockSupport.parkNanos(WAIT_NANOS);
      }
    }
    if (given >= 0) {
      // Left in the middle: the source accounts for what it received and did not give.
      source.stop();
      source.poll(this::store, FRAMES_A_POLL);
    }
  }

  private void store(Frame frame) {
    received.increment();
    if (cutoff != null && cutoff.leavesOut(frame)) {
      return;
    }
    awaitRoom(StoredFrame.sizeBytes(frame));
    store.append(stored.head(frame), frame.bytes(), frame.offset(), frame.length());
  }

  private void awaitRoom(int size) {
    var room = store.vacancy(size);
    while (isWorthWaiting(room) && !isAnalysed.getAsBoolean() && goesOn.getAsBoolean()) {
      // A disk that holds a write must not hold this thread: the analysis may make room first.
      if (isSpilled.getAsBoolean() || !store.drain()) {
        LockSupport.parkNanos(WAIT_NANOS);
      }
      room = store.vacancy(size);
    }
  }

  /**
   * For the disk always: what comes over a link meanwhile waits in its own memory, and would be
   * taken from there to be lost here. For the analysis if there is one, and a source that waits.
   */
  private boolean isWorthWaiting(Vacancy room) {
    return switch (room) {
      case NOW, NEVER -> false;
      case AFTER_DRAIN -> true;
      case AFTER_RELEASE -> source.canWait() && !settings.isDeferred();
    };
  }
}
