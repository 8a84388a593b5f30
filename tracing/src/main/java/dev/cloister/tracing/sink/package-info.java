/**
 * Where released lines go.
 *
 * <p>Depends on core's gates.
 */
package dev.cloister.tracing.sink;
