/**
 * What a context tells of itself: counters and events of a closed vocabulary, numbers only, and the
 * signed chain of heartbeats into which every line of its output is bound.
 *
 * <p>Depends on {@code dev.cloister.core} alone.
 */
package dev.cloister.core.ledger;
