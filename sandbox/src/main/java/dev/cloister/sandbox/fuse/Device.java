package dev.cloister.sandbox.fuse;

import java.nio.ByteBuffer;

/** Where the kernel asks and is answered; for many threads at once. */
interface Device {

  /**
   * Waits for the next frame.
   *
   * @param into filled from its start to its limit
   * @return false when there will be none any more
   */
  boolean receive(ByteBuffer into);

  /**
   * Answers one frame. An answer that nobody waits for any more is dropped.
   *
   * @param answer what remains in it
   */
  void send(ByteBuffer answer);

  /** Gives the device back; nobody may be waiting on it. */
  void close();
}
