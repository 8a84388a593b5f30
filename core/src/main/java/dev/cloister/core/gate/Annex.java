package dev.cloister.core.gate;

import java.io.IOException;
import java.time.Duration;

/**
 * A declared, measured helper inside the boundary, such as a mail filter in a process of its own:
 * it may see raw input, so what guards the context must guard it too. Implementations say whether
 * they are safe for use by many threads.
 */
public non-sealed interface Annex extends Gate {

  /**
   * Asks the helper.
   *
   * @param question raw input; the implementation copies what it keeps
   * @param deadline how long to wait, at most
   * @return its answer, raw as well
   * @throws IOException when the helper failed, or was late
   */
  byte[] ask(byte[] question, Duration deadline) throws IOException;
}
