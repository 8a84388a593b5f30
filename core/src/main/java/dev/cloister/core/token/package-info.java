/**
 * Who may talk to a context, read from it and end it: rights that are issued once as random bytes,
 * kept as hashes, narrowed, counted and forgotten.
 *
 * <p>Depends on {@code dev.cloister.core}, its keys and its ledger; the one place of this module
 * where Caffeine is used.
 */
package dev.cloister.core.token;
