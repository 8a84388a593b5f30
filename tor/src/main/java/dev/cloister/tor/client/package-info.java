/**
 * A client's ways to nodes: each opening has a circuit of its own, and ends at the node's key.
 *
 * <p>What is said there it does not know: {@code sandbox.session} does. Depends on core's clocks,
 * {@code sandbox.transport} and the seams of {@code sandbox.session}, and on this module's words,
 * {@code control}, {@code onion} and {@code socks}.
 */
package dev.cloister.tor.client;
