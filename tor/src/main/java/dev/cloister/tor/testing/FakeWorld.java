package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What everything in one fake shares: one lock, one clock, and who hears of what happens. All that
 * happens, happens on a caller's thread with the lock held; whoever waits looks again when
 * something did, and often enough to see that a clock was moved.
 */
final class FakeWorld {
  /** How soon a moved clock is seen. */
  private static final long LOOK_NANOS = 2_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TimeSource clock;
  private final List<FakeSession> sessions = new ArrayList<>();
  private final Set<FakeStream> ends = new LinkedHashSet<>();
  private boolean refusesUnmodelled;
  private boolean isClosed;

  FakeWorld(TimeSource clock) {
    this.clock = clock;
  }

  TimeSource clock() {
    return clock;
  }

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** Says that something has happened. */
  void change() {
    changed.signalAll();
  }

  /** Waits once for a change, and not for long; the loop is the caller's. */
  @SuppressWarnings("WaitNotInLoop")
  void await() throws InterruptedException {
    var _ = changed.await(LOOK_NANOS, TimeUnit.NANOSECONDS);
  }

  /** Waits as {@link #await()} does, where an interrupt closes nothing. */
  void awaitOnLink() throws InterruptedIOException {
    try {
      await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a fake tor");
    }
  }

  List<FakeSession> sessions() {
    return sessions;
  }

  /** Keeps the ends of streams that a test has, and has not closed. */
  Set<FakeStream> ends() {
    return ends;
  }

  /** Sends an event to whoever subscribed to its kind. */
  void tell(String kind, String text) {
    sessions.forEach(session -> session.hear(kind, "650 " + kind + " " + text + "\r\n"));
    change();
  }

  /** Sends an event with lines of data. */
  void tellData(String kind, String text, String data) {
    var event = "650+%s %s\r\n%s\r\n.\r\n650 OK\r\n".formatted(kind, text, data);
    sessions.forEach(session -> session.hear(kind, event));
    change();
  }

  void refuseUnmodelled() {
    refusesUnmodelled = true;
  }

  /** Meets a question for what tor does and the fake does not. */
  void unmodelled(String what, FakeRefusal refusal) throws FakeRefusal {
    if (refusesUnmodelled) {
      throw refusal;
    }
    throw new NotModelled(what);
  }

  boolean isClosed() {
    return isClosed;
  }

  void close() {
    isClosed = true;
    List.copyOf(sessions).forEach(FakeSession::end);
    change();
  }
}
