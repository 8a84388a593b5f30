package dev.cloister.sandbox.host;

import dev.cloister.core.internal.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Messages on their way to a client, numbered from 0, each kept until the client has said that it
 * has it; so a client that comes back goes on where it was, byte for byte. It holds one message of
 * any length, and beyond that as many as its bound allows; a function that sends more waits. Safe
 * for use by many threads.
 */
final class Outbox {
  private final long bytesMax;

  private final Deque<OutputMessage> messages = new ArrayDeque<>();
  private long bytes;
  private long nextNumber;
  private boolean ended;

  Outbox(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Adds a message, once there is room; an ended outbox takes none, and says so.
   *
   * @param answers the number of the message that the function received last, -1 before any
   */
  synchronized boolean put(byte[] message, long answers) throws InterruptedException {
    while (!ended && !messages.isEmpty() && bytes + message.length > bytesMax) {
      wait();
    }
    if (ended) {
      return false;
    }
    messages.addLast(new OutputMessage(nextNumber++, answers, message));
    bytes += message.length;
    notifyAll();
    return true;
  }

  /** Says that no message will come any more; those that are here can still be read. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Throws away what nobody has read, and takes nothing more. */
  synchronized void discard() {
    messages.clear();
    bytes = 0;
    end();
  }

  /** Forgets every message up to a number, which the client has. */
  synchronized void acknowledge(long number) {
    while (!messages.isEmpty() && messages.getFirst().number() <= number) {
      bytes -= messages.removeFirst().sizeBytes();
    }
    notifyAll();
  }

  /**
   * Reads the first message after a number; empty when none came in time, or none will come.
   *
   * @param number the last one that the client has, -1 for none
   */
  Optional<OutputMessage> after(long number, Duration timeout) throws InterruptedException {
    return first(message -> message.number() > number, Deadline.in(timeout));
  }

  /**
   * Reads the first message that was sent after the function had received one; empty when none came
   * in time, or none will come.
   *
   * @param received its number in the inbox
   */
  Optional<OutputMessage> answerTo(long received, Deadline deadline) throws InterruptedException {
    return first(message -> message.answers() >= received, deadline);
  }

  private synchronized Optional<OutputMessage> first(
      Predicate<OutputMessage> wanted, Deadline deadline) throws InterruptedException {
    for (; ; ) {
      for (var message : messages) {
        if (wanted.test(message)) {
          return Optional.of(message);
        }
      }
      if (ended || deadline.hasPassed()) {
        return Optional.empty();
      }
      wait(deadline.millisLeft());
    }
  }

  /** Tells whether a message after a number waits. */
  synchronized boolean hasAfter(long number) {
    return !messages.isEmpty() && messages.getLast().number() > number;
  }

  synchronized boolean isEmpty() {
    return messages.isEmpty();
  }

  synchronized boolean isEnded() {
    return ended;
  }

  /** Tells whether no message will come after a number. */
  synchronized boolean isEndedAt(long number) {
    return ended && !hasAfter(number);
  }

  /** Tells whether everything was said, and everything acknowledged. */
  synchronized boolean isDrained() {
    return ended && messages.isEmpty();
  }
}
