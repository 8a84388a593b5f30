package dev.cloister.core.gate;

import dev.cloister.core.ContextId;

/**
 * Opens what one context released, and nothing that another did. The seal makes one for its
 * context; a pass made elsewhere, even with the same id, opens nothing.
 */
public final class EgressPass {
  private final ContextId context;

  /**
   * Makes a pass that opens nothing yet: an engine that is made with it does.
   *
   * @param context whose pass it is, for messages
   */
  public EgressPass(ContextId context) {
    this.context = context;
  }

  ContextId context() {
    return context;
  }

  /**
   * Names the context.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "EgressPass[" + context.hex() + "]";
  }
}
