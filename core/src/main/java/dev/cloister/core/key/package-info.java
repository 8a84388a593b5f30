/**
 * Keys that live in protected memory, and die there.
 *
 * <p>Depends on {@code dev.cloister.core} and its operating-system layer.
 */
package dev.cloister.core.key;
