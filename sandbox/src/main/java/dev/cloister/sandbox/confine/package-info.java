/**
 * Puts a guest program behind what the kernel offers to processes without privilege: an allow-list
 * of system calls, rules for files, limits, and as root a user of its own.
 *
 * <p>Depends on core's native calls and exceptions.
 */
package dev.cloister.sandbox.confine;
