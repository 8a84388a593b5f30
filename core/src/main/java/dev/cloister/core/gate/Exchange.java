package dev.cloister.core.gate;

import java.io.IOException;
import java.time.Duration;

/**
 * Framed request and response across the boundary, metered: how a function talks, and how records
 * reach an uploaded analysis. What comes back is raw input. Implementations say whether they are
 * safe for use by many threads.
 */
public non-sealed interface Exchange extends Gate {

  /**
   * Sends a request and waits for its response.
   *
   * @param request one frame; the implementation copies what it keeps
   * @param deadline how long to wait, at most
   * @return the response, one frame
   * @throws IOException when the other side failed, or was late
   * @throws dev.cloister.core.Denied when a policy or a limit refuses the request
   */
  byte[] exchange(byte[] request, Duration deadline) throws IOException;
}
