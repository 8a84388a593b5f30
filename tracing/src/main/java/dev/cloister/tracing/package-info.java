/**
 * What every stage of a trace counts.
 *
 * <p>Depends on core's ledger alone.
 */
package dev.cloister.tracing;
