package dev.cloister.tor.control;

import dev.cloister.core.internal.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who gets which events of one connection; tor is told what all of them together ask for. Safe for
 * use by many threads.
 */
final class Subscriptions {
  private final Conversation conversation;
  private final ControlLimits limits;

  /** Held while tor is told, so that it is told in the order of the changes. */
  private final ReentrantLock telling = new ReentrantLock();

  /** Guarded by the conversation's lock. */
  private final List<ControlEvents> subscribers = new ArrayList<>();

  /** What tor was told last; guarded by telling. */
  private Set<EventKind> told = EnumSet.noneOf(EventKind.class);

  private final AtomicLong malformed = new AtomicLong();

  Subscriptions(ControlLink link, ControlLimits limits) {
    this.conversation = new Conversation(link, limits, this::take);
    this.limits = limits;
  }

  Conversation conversation() {
    return conversation;
  }

  /** Counts events that could not be read, which are dropped. */
  long malformed() {
    return malformed.get();
  }

  private void take(Reply reply) {
    try {
      EventReader.read(reply).ifPresent(event -> subscribers.forEach(s -> s.offer(event)));
    } catch (ControlViolation _) {
      malformed.incrementAndGet();
    }
  }

  ControlEvents add(Set<EventKind> kinds) throws IOException {
    var added = new ControlEvents(this, kinds, limits.eventsHeld());
    conversation.locked(() -> subscribers.add(added));
    try {
      tell();
      return added;
    } catch (IOException e) {
      conversation.locked(() -> subscribers.remove(added));
      throw e;
    }
  }

  private void tell() throws IOException {
    telling.lock();
    try {
      var wanted = EnumSet.noneOf(EventKind.class);
      conversation.locked(() -> List.copyOf(subscribers)).forEach(s -> wanted.addAll(s.kinds()));
      if (!wanted.equals(told)) {
        var command = Command.of("SETEVENTS");
        wanted.forEach(kind -> command.word(kind.name()));
        TorControl.positive(command, conversation.ask(command));
        told = wanted;
      }
    } finally {
      telling.unlock();
    }
  }

  void remove(ControlEvents subscriber) {
    conversation.locked(() -> subscribers.remove(subscriber));
    if (!conversation.hasEnded()) {
      try {
        tell();
      } catch (IOException _) {
        // Nobody gets these events any more, whether tor goes on sending them or not.
      }
    }
  }

  Optional<TorEvent> next(ControlEvents subscriber, Duration atMost) throws IOException {
    var deadline = Deadline.in(atMost);
    return conversation.await(subscriber::poll, deadline);
  }

  long missed(ControlEvents subscriber) {
    return conversation.locked(subscriber::missedSoFar);
  }
}
