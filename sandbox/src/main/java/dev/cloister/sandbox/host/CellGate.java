package dev.cloister.sandbox.host;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.gate.Opening;
import java.io.IOException;
import java.time.Duration;

/**
 * The one gate of a cell: messages in, messages out, each way in order and within a bound. Safe for
 * use by many threads; requests that are exchanged go one at a time, and each is answered by the
 * first message that the function sends after it.
 */
final class CellGate implements Exchange {
  private final Inbox inbox;
  private final Outbox outbox;
  private final Object oneAtATime = new Object();

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
  public byte[] exchange(byte[] request, Duration deadline) throws IOException {
    synchronized (oneAtATime) {
      var before = outbox.nextNumber() - 1;
      if (!inbox.offer(request.clone())) {
        throw new IOException("the function takes no message now: it has ended, or is behind");
      }
      try {
        var answer =
            outbox.after(before, deadline).orElseThrow(() -> new IOException(silence(deadline)));
        outbox.acknowledge(answer.number());
        return answer.bytes();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the function was at work");
      }
    }
  }

  private String silence(Duration deadline) {
    return outbox.isEnded()
        ? "the function ended without an answer"
        : "no answer within " + deadline;
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
