package dev.cloister.tor.control;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/**
 * What one subscriber gets to see of tor's events: of the kinds that it asked for, each once, in
 * order, and no more waiting than the limits say; what came beyond is counted. Nothing is read
 * unless somebody waits, here or for an answer; until then events wait in the socket. Safe for use
 * by many threads.
 */
public final class ControlEvents implements AutoCloseable {
  private final Subscriptions subscriptions;
  private final Set<EventKind> kinds;
  private final int most;

  /** Guarded by the conversation's lock, as is the next. */
  private final Deque<TorEvent> waiting = new ArrayDeque<>();

  private long missed;

  ControlEvents(Subscriptions subscriptions, Set<EventKind> kinds, int most) {
    this.subscriptions = subscriptions;
    this.kinds = Set.copyOf(kinds);
    this.most = most;
  }

  Set<EventKind> kinds() {
    return kinds;
  }

  /** Takes an event, with the conversation's lock held. */
  void offer(TorEvent event) {
    if (!kinds.contains(event.kind())) {
      return;
    }
    if (waiting.size() < most) {
      waiting.add(event);
    } else {
      missed++;
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  Optional<TorEvent> poll() {
    return Optional.ofNullable(waiting.poll());
  }

  long missedSoFar() {
    return missed;
  }

  /**
   * Waits for the next event.
   *
   * @param atMost how long; nothing is waited for when zero, but what has come is read
   * @return the event; empty when none came in time
   * @throws IOException when the connection has ended and every event before that was taken
   */
  public Optional<TorEvent> next(Duration atMost) throws IOException {
    return subscriptions.next(this, atMost);
  }

  /**
   * Returns what this bound cost.
   *
   * @return how many events were dropped, since too many waited
   */
  public long missed() {
    return subscriptions.missed(this);
  }

  /** Ends the subscription; tor sends no more of what nobody else asked for. */
  @Override
  public void close() {
    subscriptions.remove(this);
  }
}
