package dev.cloister.tracing.capture;

import dev.cloister.core.internal.os.PacketRing.Link;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.Tally;
import dev.cloister.tracing.TraceCounter;

/**
 * Writes down what a link lost and what became of it. A frame that was lost before it was given was
 * received as well, so that the sum is right. For the thread that polls.
 */
final class LinkLedger {
  private final Ledger ledger;
  private final Tally received;
  private final Tally lostInRing;
  private final Tally unread;
  private final Tally downs;
  private final Tally gone;
  private Link link = Link.UP;

  LinkLedger(Ledger ledger) {
    this.ledger = ledger;
    this.received = ledger.tally(TraceCounter.RECEIVED);
    this.lostInRing = ledger.tally(TraceCounter.LOST_IN_RING);
    this.unread = ledger.tally(TraceCounter.LOST_UNREAD);
    this.downs = ledger.tally(TraceCounter.LINK_DOWNS);
    this.gone = ledger.tally(TraceCounter.LINKS_GONE);
  }

  /** The ring was full so often until now. */
  void dropped(long untilNow) {
    received.add(untilNow - lostInRing.get());
    lostInRing.set(untilNow);
  }

  /** The end came before these were given. */
  void unread(long frames) {
    received.add(frames);
    unread.add(frames);
  }

  /** Says what is new about the interface. */
  void link(Link now) {
    if (now == link) {
      return;
    }
    link = now;
    switch (now) {
      case UP -> ledger.event(Event.LINK_UP, downs.get());
      case DOWN -> {
        downs.increment();
        ledger.event(Event.LINK_DOWN, downs.get());
      }
      case GONE -> {
        gone.increment();
        ledger.event(Event.LINK_GONE, received.get());
      }
    }
  }
}
