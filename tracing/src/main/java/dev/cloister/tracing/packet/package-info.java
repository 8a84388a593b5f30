/**
 * Headers as views: what a frame carries, without copying it.
 *
 * <p>Depends on the frames of {@code dev.cloister.tracing.capture}.
 */
package dev.cloister.tracing.packet;
