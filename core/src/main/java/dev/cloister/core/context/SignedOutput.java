package dev.cloister.core.context;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.ReleaseEngine;
import dev.cloister.core.gate.Released;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatChain;
import dev.cloister.core.ledger.Ledger;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All that goes out of a context: released lines, and the heartbeats that bind them, through every
 * egress in the same order. When an egress fails nothing more goes out. Safe for use by many
 * threads.
 */
final class SignedOutput {
  private final String context;
  private final List<Egress> egresses;
  private final HeartbeatChain chain;
  private final Ledger ledger;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by {@link #lock}. */
  private boolean ended;

  SignedOutput(
      String context, List<Egress> egresses, HeartbeatChain chain, Ledger ledger, TimeSource time) {
    this.context = context;
    this.egresses = egresses;
    this.chain = chain;
    this.ledger = ledger;
    this.time = time;
  }

  /**
   * Sends lines.
   *
   * @return false when the output has ended; nothing was sent then
   */
  boolean publish(ReleaseEngine engine, Released released) throws IOException {
    lock.lock();
    try {
      if (ended) {
        return false;
      }
      throughAll(egress -> egress.push(released));
      engine.bind(released, chain);
      ledger.tally(ContextCounter.OUTPUT_LINES).add(released.lines());
      ledger.tally(ContextCounter.OUTPUT_BYTES).add(released.sizeBytes());
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Sends a heartbeat; nothing when the output has ended. */
  void beat(Event event, long number) throws IOException {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ledger.event(event, number);
      ledger.record(context);
      var line = chain.next(event, time.now(), ledger.counters());
      throughAll(egress -> egress.beat(line));
    } finally {
      lock.unlock();
    }
  }

  /** Sends the last heartbeat. */
  void end() throws IOException {
    lock.lock();
    try {
      beat(Event.CLOSED, 0);
    } finally {
      ended = true;
      lock.unlock();
    }
  }

  /** Something that is sent through an egress. */
  private interface Sending {
    void through(Egress egress) throws IOException;
  }

  private void throughAll(Sending sending) throws IOException {
    for (var egress : egresses) {
      try {
        sending.through(egress);
      } catch (Denied e) {
        // Nothing of it was written: the output goes on.
        throw e;
      } catch (IOException | RuntimeException e) {
        ended = true;
        throw e;
      }
    }
  }
}
