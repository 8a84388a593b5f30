package dev.cloister.core.gate;

import java.io.IOException;

/**
 * Something that a seal opened, and that belongs to its context: a gate or a store. The context
 * alone calls {@link #stop} and {@link #close}.
 */
public interface Part extends AutoCloseable {

  /**
   * Takes nothing more in and lets go every thread that waits here; from any thread. What is inside
   * can still be read until {@link #close}.
   */
  default void stop() {}

  /**
   * Does what is due, and waits for nothing; the context calls it from its own tick, unless that
   * has ended the context.
   *
   * @return nanoseconds until it is due again; never unless said
   */
  default long tick() {
    return Long.MAX_VALUE;
  }

  /**
   * Gives back everything this part holds, and removes what it wrote for itself. Called once, after
   * every user has left.
   *
   * @throws IOException when something could not be given back; the rest was
   */
  @Override
  void close() throws IOException;
}
