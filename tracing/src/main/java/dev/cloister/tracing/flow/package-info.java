/**
 * From packets to ordered streams: fragments are put together, segments ordered, and what is
 * missing, doubled or contradictory is said.
 *
 * <p>Depends on the packets of {@code dev.cloister.tracing.packet}.
 */
package dev.cloister.tracing.flow;
