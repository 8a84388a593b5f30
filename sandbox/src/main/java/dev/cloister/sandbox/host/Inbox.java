package dev.cloister.sandbox.host;

import dev.cloister.core.internal.Deadline;
import dev.cloister.sandbox.runtime.Turn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to a function, in order. It holds one message of any length, and beyond
 * that as many as its bound allows; who offers more is told so. Safe for use by many threads.
 */
final class Inbox {
  private final long bytesMax;

  private final Deque<byte[]> messages = new ArrayDeque<>();
  private long bytes;
  private long nextNumber;
  private boolean ended;

  /** The function that waits here, until somebody takes the turn. */
  private @Nullable Turn lent;

  /** Whether somebody has the turn now. */
  private boolean taken;

  Inbox(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Adds a message, if there is room, and anybody to read it.
   *
   * @return its number, from 0; empty when it was not added
   */
  synchronized OptionalLong offer(byte[] message) {
    if (ended || (!messages.isEmpty() && bytes + message.length > bytesMax)) {
      return OptionalLong.empty();
    }
    messages.addLast(message);
    bytes += message.length;
    notifyAll();
    return OptionalLong.of(nextNumber++);
  }

  /**
   * Hands a message to a function that waits for one, and serves it on this thread for a while.
   *
   * @param mayAnswer whether what the function says finds room at once; asked while it says nothing
   * @return its number; empty when nobody waits and lends, the message or an answer may find no
   *     room, or this thread is a virtual one
   */
  OptionalLong hand(byte[] message, Deadline deadline, BooleanSupplier mayAnswer)
      throws InterruptedException {
    Turn turn;
    long number;
    synchronized (this) {
      // It waits in the kernel, which would take a virtual thread's carrier from the others.
      if (lent == null
          || ended
          || !messages.isEmpty()
          || Thread.currentThread().isVirtual()
          || !lent.fits(message.length)
          || !mayAnswer.getAsBoolean()) {
        return OptionalLong.empty();
      }
      turn = lent;
      lent = null;
      taken = true;
      number = nextNumber++;
    }
    try {
      turn.take(message, Duration.ofNanos(deadline.nanosLeft()));
      return OptionalLong.of(number);
    } finally {
      giveBack();
    }
  }

  private synchronized void giveBack() {
    taken = false;
    notifyAll();
  }

  /** Returns the number of the message that was taken last, -1 before the first. */
  synchronized long lastTaken() {
    return nextNumber - messages.size() - 1;
  }

  /** Says that no message will come any more; those that wait can still be taken. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Throws away what waits, and takes nothing more. */
  synchronized void discard() {
    messages.clear();
    bytes = 0;
    end();
  }

  synchronized boolean isEmpty() {
    return messages.isEmpty();
  }

  /** Takes the next message; empty when none came in time, or none will come. */
  synchronized Optional<byte[]> take(Duration timeout) throws InterruptedException {
    var deadline = Deadline.in(timeout);
    while (messages.isEmpty() && !ended && !deadline.hasPassed()) {
      wait(deadline.millisLeft());
    }
    return first();
  }

  /** Does the same; empty, too, when somebody has handed a message over by the turn. */
  synchronized Optional<byte[]> take(Duration timeout, Turn turn) throws InterruptedException {
    var deadline = Deadline.in(timeout);
    lent = turn;
    try {
      while (messages.isEmpty() && !ended && !deadline.hasPassed() && lent != null) {
        wait(deadline.millisLeft());
      }
    } catch (InterruptedException e) {
      if (lent != null) {
        lent = null;
        throw e;
      }
      Thread.currentThread().interrupt();
    }
    if (lent == null) {
      awaitReturn(turn);
      return Optional.empty();
    }
    lent = null;
    return first();
  }

  /** Until whoever has taken the turn is done; an interruption hurries him, and stays. */
  private void awaitReturn(Turn turn) {
    var interrupted = Thread.interrupted();
    while (taken) {
      if (interrupted) {
        turn.recall();
      }
      try {
        wait();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<byte[]> first() {
    var message = Optional.ofNullable(messages.pollFirst());
    message.ifPresent(taken -> bytes -= taken.length);
    return message;
  }
}
