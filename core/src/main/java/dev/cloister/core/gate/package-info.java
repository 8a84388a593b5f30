/**
 * The only ways into and out of a context, and what may pass them.
 *
 * <p>Depends on {@code dev.cloister.core} and its keys, ledger and posture.
 */
package dev.cloister.core.gate;
