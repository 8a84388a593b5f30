package dev.cloister.sandbox.guest;

import java.time.Duration;

/**
 * What can be known of a guest's two pipes without getting stuck in one. Safe for use by many
 * threads.
 */
public interface Pipes {
  /**
   * Waits until there is something to read, or the end of it.
   *
   * @param atMost how long
   * @return false when there was nothing
   */
  boolean haveOutput(Duration atMost);

  /**
   * Tells whether something can be written without a wait.
   *
   * @param bytes its length
   * @return whether there is that much room for certain, or nobody who reads
   */
  boolean haveRoom(int bytes);
}
