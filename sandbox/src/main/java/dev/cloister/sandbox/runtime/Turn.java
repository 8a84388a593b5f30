package dev.cloister.sandbox.runtime;

import java.time.Duration;

/**
 * A function that waits for a message, lent to whoever brings one: he serves it on his own thread
 * up to its answer, so that neither the message nor the answer waits until another thread was given
 * a processor. Where that could take longer than he has time for, the rest is left to the thread
 * that lent it.
 *
 * <p>For one thread at a time; the lender does nothing with the function meanwhile, and sees
 * afterwards what was done.
 */
public interface Turn {

  /**
   * Tells whether {@link #take} can hand over a message at once.
   *
   * @param bytes its length
   * @return false when it is too long for that, or the function does not read
   */
  boolean fits(int bytes);

  /**
   * Hands the function a message that fits, and answers its next call if that is the sending of a
   * message.
   *
   * @param message its bytes
   * @param atMost how long to wait for that call
   * @throws InterruptedException when this thread was interrupted; the message is handed over
   */
  void take(byte[] message, Duration atMost) throws InterruptedException;

  /** Asks whoever has taken the turn to give up within a moment; from any thread. */
  void recall();
}
