/**
 * What several modules of this library need, and no user does.
 *
 * <p>Depends on core's clocks.
 */
package dev.cloister.core.internal;
