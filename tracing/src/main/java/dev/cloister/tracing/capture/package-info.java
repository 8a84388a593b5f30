/**
 * Where packets come from: capture files.
 *
 * <p>Depends on core's gates and counters.
 */
package dev.cloister.tracing.capture;
