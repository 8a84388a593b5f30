/**
 * What a policy makes of each field before it may go out.
 *
 * <p>Depends on core's policy documents, gates, keys and posture, on crypto's pseudonyms, on {@code
 * dev.cloister.tracing.record}, and on the module's writer of JSON lines.
 */
package dev.cloister.tracing.anonymize;
