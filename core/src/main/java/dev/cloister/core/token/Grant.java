package dev.cloister.core.token;

import dev.cloister.core.ContextId;

/**
 * What the registry hands out for a context, once: two rights that can be given to different hands.
 * Neither can be made from the other, and nothing in their bytes says that they belong together.
 *
 * @param context what they are for
 * @param invocation the right to talk to it
 * @param shutdown the right to end it
 */
public record Grant(ContextId context, InvocationToken invocation, ShutdownToken shutdown)
    implements AutoCloseable {

  /** Zeroes both tokens, once they are with their holder; the rights live on at the registry. */
  @Override
  public void close() {
    invocation.close();
    shutdown.close();
  }
}
