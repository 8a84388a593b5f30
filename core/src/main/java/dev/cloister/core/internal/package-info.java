/**
 * What several modules of this library need, and no user does.
 *
 * <p>Depends on nothing.
 */
package dev.cloister.core.internal;
