/**
 * What the runtimes that start a program of the host have in common: a confined process, the
 * channel to it, its limits and its end.
 *
 * <p>Depends on confinement, control groups, network namespaces and the guest's channel. Not
 * exported.
 */
package dev.cloister.sandbox.runtime.spawned;
