/**
 * What a context promises on this host, and how that was checked.
 *
 * <p>Depends on {@code dev.cloister.core} alone.
 */
package dev.cloister.core.posture;
