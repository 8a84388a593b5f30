package dev.cloister.sandbox.host;

import dev.cloister.core.gate.Exchange;
import java.util.Optional;

/**
 * Where functions are that do not run on this host. A function that calls one holds a grant whose
 * bytes say where it is and why it may; what they look like is for who implements this, but that no
 * such grant is {@value dev.cloister.core.token.Token#BYTES} bytes long: those are this host's own
 * tokens.
 *
 * <p>Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface Callees {

  /**
   * Finds the way to a function.
   *
   * @param grant any bytes, chosen by a stranger's function
   * @return an exchange with whoever the grant names, which is not asked for more than one answer
   *     at a time by one function; empty when the grant is no such thing
   */
  Optional<Exchange> reach(byte[] grant);
}
