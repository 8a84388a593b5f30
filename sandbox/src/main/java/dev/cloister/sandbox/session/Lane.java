package dev.cloister.sandbox.session;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A conversation that is kept from one request to the next, and begun anew when it has ended or
 * soon would. Safe for use by many threads: requests go one after the other.
 */
final class Lane {
  private final Way way;
  private final boolean repeatable;
  private final ReentrantLock turn = new ReentrantLock();

  /** Guarded by this. */
  private @Nullable Talk talk;

  /** Begins a conversation, up to where requests can follow. */
  @FunctionalInterface
  interface Way {
    Talk begin() throws IOException;
  }

  /**
   * Makes a lane on which nothing is said yet.
   *
   * @param repeatable whether what is asked here may be asked again when nobody knows whether it
   *     was heard
   */
  Lane(Way way, boolean repeatable) {
    this.way = way;
    this.repeatable = repeatable;
  }

  /** What is done in one turn. */
  @FunctionalInterface
  interface Turn<T> {
    T with(Talk talk) throws IOException;
  }

  <T> T take(Turn<T> what) throws IOException {
    turn.lock();
    try {
      var kept = kept();
      try {
        return what.with(ready());
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        if (!repeatable || kept == null || kept != kept() || !kept.isStale()) {
          throw e;
        }
        // A node may end who was quiet for a while; that shows with the next request alone.
        return what.with(ready());
      }
    } finally {
      turn.unlock();
    }
  }

  /** The same, by a conversation of which no answer is still to be read. */
  <T> T takeSettled(Turn<T> what) throws IOException {
    turn.lock();
    try {
      var kept = kept();
      if (kept != null && kept.isAhead()) {
        leave();
      }
      return take(what);
    } finally {
      turn.unlock();
    }
  }

  private Talk ready() throws IOException {
    var kept = kept();
    if (kept != null && !kept.isStale()) {
      return kept;
    }
    leave();
    var begun = way.begin();
    keep(begun);
    return begun;
  }

  private synchronized @Nullable Talk kept() {
    return talk;
  }

  private synchronized void keep(Talk begun) {
    talk = begun;
  }

  /** Ends the conversation, also from under one who waits for its answer. */
  synchronized void leave() {
    if (talk != null) {
      talk.close();
      talk = null;
    }
  }
}
