/**
 * The host and this process as a context sees them: what is probed, and what hardens.
 *
 * <p>Depends on {@code dev.cloister.core}, its keys, posture, and operating-system layer.
 */
package dev.cloister.core.process;
