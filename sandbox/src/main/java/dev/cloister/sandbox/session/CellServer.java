package dev.cloister.sandbox.session;

import dev.cloister.core.TimeSource;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.sandbox.host.CellHost;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers the cell protocol for one host, over channels that the caller brings: whatever a client
 * sends, no call here throws because of it, hangs, or holds more than {@link ServerLimits} says.
 * Who is at the other end it does not know, and does not ask: tokens decide.
 *
 * <p>Safe for use by many threads. None is its own: each channel is served by the thread that calls
 * {@link #serve}, and the caller calls {@link #tick()}, without which a client that takes an answer
 * byte by byte is ended late. Source: {@code protocol.md}, in the resources of this package.
 */
public final class CellServer implements AutoCloseable {
  private final CellHost host;
  private final ServerLimits limits;
  private final TimeSource time;
  private final Ledger ledger = Ledger.of(List.of(SessionCounter.values()));
  private final Held held;

  /** Changed with the ledger's lock held, read without. */
  private final Set<Conversation> open = ConcurrentHashMap.newKeySet();

  /** Guarded by the ledger. */
  private boolean closed;

  private CellServer(CellHost host, ServerLimits limits, TimeSource time) {
    this.host = host;
    this.limits = limits;
    this.time = time;
    this.held = new Held(limits.bytesTogether());
  }

  /**
   * Makes a server with the usual limits and the system's clocks.
   *
   * @param host what answers; the caller closes it, after this
   * @return a server
   */
  public static CellServer over(CellHost host) {
    return over(host, ServerLimits.defaults(), TimeSource.system());
  }

  /**
   * Makes a server.
   *
   * @param host what answers; the caller closes it, after this
   * @param limits its bounds
   * @param time what deadlines are measured on; threads wait in real time all the same
   * @return a server
   */
  public static CellServer over(CellHost host, ServerLimits limits, TimeSource time) {
    return new CellServer(host, limits, time);
  }

  /**
   * Returns the bounds.
   *
   * @return what this was made with
   */
  public ServerLimits limits() {
    return limits;
  }

  /**
   * Returns the counters.
   *
   * @return numbers only, of {@link SessionCounter}
   */
  public Ledger ledger() {
    return ledger;
  }

  /**
   * Tells how many channels are served now.
   *
   * @return how many
   */
  public int serving() {
    return open.size();
  }

  /**
   * Serves one client until it leaves or is ended, and closes its channel. When all places are
   * taken, the conversation that has waited longest for its client is ended for this one: any that
   * has not said hello, or has been quiet for 5 seconds; where there is none, this client is told
   * that the server is busy.
   *
   * @param channel open, and used by nobody else
   */
  public void serve(CellChannel channel) {
    var conversation =
        new Conversation(channel, limits, time, held, new Answering(host, limits), this::count);
    try (channel) {
      var refusal = enter(conversation);
      if (refusal == null) {
        talk(conversation);
      } else {
        conversation.refuse(refusal);
      }
    } catch (IOException _) {
      // The channel was closed as far as it can be; how the conversation ended is counted.
    }
  }

  private void talk(Conversation conversation) {
    // Only an error of the machine itself leaves it at this.
    var cause = SessionCounter.BROKEN;
    try {
      cause = conversation.run();
    } finally {
      leave(conversation, cause);
    }
  }

  /** Counts how a conversation ended, unless it was counted before it knew. */
  private void leave(Conversation conversation, SessionCounter cause) {
    synchronized (ledger) {
      if (open.remove(conversation)) {
        ledger.tally(SessionCounter.OPEN).set(open.size());
        ledger.tally(cause).increment();
      }
    }
  }

  /** Lets a conversation in; returns, and counts, why not. */
  private @Nullable SessionCounter enter(Conversation conversation) {
    synchronized (ledger) {
      ledger.tally(SessionCounter.BEGUN).increment();
      var refusal =
          closed
              ? SessionCounter.STOPPED
              : open.size() < limits.connections() || makeRoom() ? null : SessionCounter.BUSY;
      if (refusal == null) {
        open.add(conversation);
        ledger.tally(SessionCounter.OPEN).set(open.size());
      } else {
        ledger.tally(refusal).increment();
      }
      return refusal;
    }
  }

  /** Ends the conversation that has waited longest for its client, if there is one to end. */
  private boolean makeRoom() {
    var longest =
        open.stream()
            .filter(Conversation::mayMakeRoom)
            .max(Comparator.comparingLong(Conversation::quietNanos));
    longest.ifPresent(conversation -> {
      leave(conversation, SessionCounter.CROWDED_OUT);
      conversation.end(SessionCounter.CROWDED_OUT);
    });
    return longest.isPresent();
  }

  private void count(SessionCounter counter) {
    synchronized (ledger) {
      ledger.tally(counter).increment();
    }
  }

  /**
   * Does what is due: ends conversations whose client is late.
   *
   * @return nanoseconds until the next may be; {@link Long#MAX_VALUE} when nothing is waited for
   */
  public long tick() {
    var next = Long.MAX_VALUE;
    for (var conversation : open) {
      next = Math.min(next, conversation.tick());
    }
    return next;
  }

  /**
   * Ends every conversation, and serves no more; does not wait until their threads have returned. A
   * second call does nothing.
   */
  @Override
  public void close() {
    synchronized (ledger) {
      closed = true;
    }
    open.forEach(conversation -> conversation.end(SessionCounter.STOPPED));
  }
}
