package dev.cloister.sandbox.host;

import dev.cloister.core.internal.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;

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
    var message = Optional.ofNullable(messages.pollFirst());
    message.ifPresent(taken -> bytes -= taken.length);
    return message;
  }
}
