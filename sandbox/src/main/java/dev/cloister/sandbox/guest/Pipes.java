package dev.cloister.sandbox.guest;

import java.time.Duration;

/**
 * What can be known of a guest's two pipes without getting stuck in one. Safe for use by many
 * threads.
 */
public interface Pipes {
  /** What a pipe that has room takes without a wait: 4 KiB. */
  int ROOM_BYTES = 4096;

  /**
   * Waits until there is something to read, or the end of it.
   *
   * @param atMost how long
   * @return false when there was nothing
   */
  boolean haveOutput(Duration atMost);

  /**
   * Tells whether {@link #ROOM_BYTES} can be written without a wait.
   *
   * @return whether there is that much room, or nobody who reads
   */
  boolean haveRoom();
}
