package dev.cloister.core.gate;

import dev.cloister.core.ledger.SignedHeartbeat;
import java.io.IOException;

/**
 * Pushes out what was released, and the heartbeats it is bound into. It can open a {@link Released}
 * only with the pass that its own context gave it when it was opened, so it refuses what another
 * context released. The context calls it from one thread at a time. Stopping does not end the
 * output: the lines of users who are inside, and the last heartbeat, come between stop and close.
 */
public non-sealed interface Egress extends Gate {

  /**
   * Sends released lines on.
   *
   * @param released bytes that {@link Released#writeTo} gives against the pass
   * @throws IOException when they could not be sent
   * @throws dev.cloister.core.Denied when another context released them
   */
  void push(Released released) throws IOException;

  /**
   * Sends a heartbeat on, after every line it binds.
   *
   * @param heartbeat a line of the chain
   * @throws IOException when it could not be sent
   */
  void beat(SignedHeartbeat heartbeat) throws IOException;
}
