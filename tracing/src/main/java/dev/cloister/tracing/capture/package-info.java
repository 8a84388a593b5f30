/**
 * Where packets come from: capture files.
 *
 * <p>Depends on core's gates.
 */
package dev.cloister.tracing.capture;
