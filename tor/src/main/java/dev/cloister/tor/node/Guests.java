package dev.cloister.tor.node;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The connections that are open, the eldest first, and what became of the others. */
final class Guests {
  private final NodeLimits limits;
  private final Runnable freed;
  private final Ledger ledger = Ledger.of(List.of(NodeCounter.values()));

  /** Guarded by this, as is the next; the unproven are in both sets. */
  private final Set<Guest> living = new LinkedHashSet<>();

  private final Set<Guest> unproven = new LinkedHashSet<>();
  private boolean closed;

  Guests(NodeLimits limits, Runnable freed) {
    this.limits = limits;
    this.freed = freed;
  }

  /** One connection, until its first cause to end. */
  final class Guest {
    private final TorStream stream;

    private Guest(TorStream stream) {
      this.stream = stream;
    }

    /** Says that its client has shaken hands. */
    void isProven() {
      synchronized (Guests.this) {
        unproven.remove(this);
      }
    }

    void end(NodeCounter cause) {
      if (forget(this, cause)) {
        hangUp();
        freed.run();
      }
    }

    private void hangUp() {
      try {
        stream.close();
      } catch (IOException _) {
        // It is closed as far as it can be.
      }
    }
  }

  Ledger ledger() {
    return ledger;
  }

  /** Takes a connection in, if there is room, for which the eldest silent one goes. */
  Optional<Guest> admit(TorStream stream) {
    var guest = new Guest(stream);
    var refusal = refusal(guest);
    if (refusal.isPresent()) {
      guest.hangUp();
      return Optional.empty();
    }
    crowded().ifPresent(eldest -> eldest.end(NodeCounter.CROWDED_OUT));
    return Optional.of(guest);
  }

  private synchronized Optional<NodeCounter> refusal(Guest guest) {
    ledger.tally(NodeCounter.CAME).increment();
    if (closed || living.size() == limits.connections()) {
      var refusal = closed ? NodeCounter.CLOSED : NodeCounter.NO_ROOM;
      ledger.tally(refusal).increment();
      return Optional.of(refusal);
    }
    living.add(guest);
    unproven.add(guest);
    ledger.tally(NodeCounter.LIVING).set(living.size());
    return Optional.empty();
  }

  private synchronized Optional<Guest> crowded() {
    return unproven.size() > limits.unproven()
        ? Optional.of(unproven.iterator().next())
        : Optional.empty();
  }

  private synchronized boolean forget(Guest guest, NodeCounter cause) {
    unproven.remove(guest);
    var isFirst = living.remove(guest);
    if (isFirst) {
      ledger.tally(cause).increment();
      ledger.tally(NodeCounter.LIVING).set(living.size());
    }
    return isFirst;
  }

  /** Counts a connection that the system did not hand over. */
  synchronized void missed() {
    ledger.tally(NodeCounter.NOT_ACCEPTED).increment();
  }

  /** Takes nobody more in; returns whether this was the first call. */
  synchronized boolean close() {
    var isFirst = !closed;
    closed = true;
    return isFirst;
  }

  void endAll() {
    List<Guest> all;
    synchronized (this) {
      all = List.copyOf(living);
    }
    all.forEach(guest -> guest.end(NodeCounter.CLOSED));
  }
}
