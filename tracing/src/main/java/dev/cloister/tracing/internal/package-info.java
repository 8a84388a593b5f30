/**
 * What the packages of this module share and nobody else sees.
 *
 * <p>Depends on {@code dev.cloister.tracing.record}.
 */
package dev.cloister.tracing.internal;
