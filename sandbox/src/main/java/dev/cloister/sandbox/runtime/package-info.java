/**
 * The seam between a cell and what runs its code: the calls that cross it, and what a runtime is.
 *
 * <p>Depends on core's policy. Runtimes lie in packages of their own below this one.
 */
package dev.cloister.sandbox.runtime;
