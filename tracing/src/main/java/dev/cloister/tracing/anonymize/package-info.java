/**
 * What a policy makes of each field before it may go out.
 *
 * <p>Depends on core's policy documents and gates, on crypto's pseudonyms, and on {@code
 * dev.cloister.tracing.record}.
 */
package dev.cloister.tracing.anonymize;
