package dev.cloister.sandbox.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that all conversations of one server hold together, beyond the little that each may
 * always have; never more than the bound. Safe for use by many threads.
 */
final class Held {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  Held(long most) {
    this.most = most;
  }

  /** Takes room for bytes, all of it or none. */
  boolean take(long bytes) {
    var before = taken.getAndUpdate(held -> bytes <= most - held ? held + bytes : held);
    return bytes <= most - before;
  }

  void give(long bytes) {
    taken.addAndGet(-bytes);
  }
}
