package dev.cloister.sandbox.host;

import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Usage;
import java.time.Duration;
import java.util.Optional;

/**
 * A client's way to read what a function sends; leaving it loses nothing. Each message stays with
 * the host until it is acknowledged, so another attachment can go on behind the last message that
 * the client has. One that was made by a read-only token acknowledges nothing: it reads what others
 * will read too. Safe for use by many threads.
 */
public final class Attachment {
  private final Cell cell;
  private final boolean readOnly;
  private long last;

  Attachment(Cell cell, boolean readOnly, long last) {
    this.cell = cell;
    this.readOnly = readOnly;
    this.last = last;
  }

  /**
   * Waits for the next message.
   *
   * @param timeout how long to wait
   * @return the message; empty when none came in time, or none will come
   * @throws InterruptedException when the thread is interrupted
   */
  public synchronized Optional<OutputMessage> receive(Duration timeout)
      throws InterruptedException {
    var message = cell.gate().outbox().after(last, timeout);
    message.ifPresent(got -> last = got.number());
    return message;
  }

  /**
   * Tells whether a message waits.
   *
   * @return whether {@link #receive} would return one at once
   */
  public synchronized boolean poll() {
    return cell.gate().outbox().hasAfter(last);
  }

  /**
   * Says that the client has every message up to a number, so that the host may forget them.
   *
   * @param number the last one's
   */
  public void acknowledge(long number) {
    if (!readOnly) {
      cell.gate().outbox().acknowledge(number);
    }
  }

  /**
   * Tells whether no further message will come here: all were received, or were others' answers.
   *
   * @return whether the function has said all it will
   */
  public synchronized boolean isAtEnd() {
    return cell.gate().outbox().isEndedAt(last);
  }

  /**
   * Tells how the function ended.
   *
   * @return empty while it lives
   */
  public Optional<Ending> ending() {
    return Optional.ofNullable(cell.ending());
  }

  /**
   * Tells what the function used.
   *
   * @return until now, or until its end
   */
  public Usage usage() {
    return cell.usage();
  }
}
