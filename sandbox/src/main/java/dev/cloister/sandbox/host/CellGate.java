package dev.cloister.sandbox.host;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one gate of a cell: messages in, messages out, each way in order and within a bound. Safe for
 * use by many threads; requests that are exchanged go one at a time, and each is answered by the
 * first message that the function sends after having received it: an answer that comes too late for
 * its own call is none to the next.
 */
final class CellGate implements Exchange {
  /** How many calls wait for their turn; further ones are refused. */
  static final int WAITING_MOST = 64;

  private final Inbox inbox;
  private final Outbox outbox;
  private final ReentrantLock turn = new ReentrantLock(true);

  /** A gate that is not open yet. */
  record Declared(CellFacts facts, long inboxBytes, long outboxBytes)
      implements Declaration<CellGate> {
    @Override
    public String name() {
      return "messages";
    }

    @Override
    public void describe(Description into) {
      facts.describe(into);
      into.put("inbox-bytes", inboxBytes).put("outbox-bytes", outboxBytes);
    }

    @Override
    public CellGate open(Opening opening) {
      return new CellGate(new Inbox(inboxBytes), new Outbox(outboxBytes));
    }
  }

  private CellGate(Inbox inbox, Outbox outbox) {
    this.inbox = inbox;
    this.outbox = outbox;
  }

  Inbox inbox() {
    return inbox;
  }

  Outbox outbox() {
    return outbox;
  }

  /** Says that the function has ended: nothing goes in, and what it sent can still be read. */
  void functionEnded() {
    inbox.discard();
    outbox.end();
  }

  @Override
  public byte[] exchange(byte[] request, Duration atMost) throws IOException {
    var deadline = Deadline.in(atMost);
    try {
      takeTurn(deadline, atMost);
      try {
        return exchange(request, deadline, atMost);
      } finally {
        turn.unlock();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the function was at work");
    }
  }

  private void takeTurn(Deadline deadline, Duration atMost)
      throws IOException, InterruptedException {
    if (turn.getQueueLength() >= WAITING_MOST) {
      throw new IOException(
          "%d calls wait for the function already: call again later".formatted(WAITING_MOST));
    }
    if (!turn.tryLock(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
      throw new IOException("the function was busy with other calls for " + atMost);
    }
  }

  private byte[] exchange(byte[] request, Deadline deadline, Duration atMost)
      throws IOException, InterruptedException {
    var number = bring(request, deadline);
    var answer =
        outbox.answerTo(number, deadline).orElseThrow(() -> new IOException(silence(atMost)));
    outbox.acknowledge(answer.number());
    return answer.bytes();
  }

  /** By this thread itself, where the function waits, and no message of its own does. */
  private long bring(byte[] request, Deadline deadline) throws IOException, InterruptedException {
    var handed = inbox.hand(request, deadline, outbox::isEmpty);
    var number = handed.isPresent() ? handed : inbox.offer(request.clone());
    return number.orElseThrow(
        () -> new IOException("the function takes no message now: it has ended, or is behind"));
  }

  private String silence(Duration atMost) {
    return outbox.isEnded() ? "the function ended without an answer" : "no answer within " + atMost;
  }

  /** Sends what a function says: as an answer to what it received last. */
  boolean say(byte[] message) throws InterruptedException {
    return outbox.put(message, inbox.lastTaken());
  }

  @Override
  public void stop() {
    inbox.discard();
    outbox.end();
  }

  @Override
  public void close() {
    inbox.discard();
    outbox.discard();
  }
}
