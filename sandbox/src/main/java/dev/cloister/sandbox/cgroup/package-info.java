/**
 * Limits and accounting of one function's process tree by Linux control groups, version 1 and 2.
 *
 * <p>Rests on the kernel and on this process being root or owning a delegated group: a function
 * that may not write below {@code /sys/fs/cgroup} cannot leave its group, and what it spawns is
 * born inside. Root on the host defeats it, and so does whoever may write in the parent group. What
 * the kernel does not tie to a group stays unlimited: network, disk, descriptors. See cgroups(7)
 * and the kernel's {@code admin-guide/cgroup-v1} and {@code cgroup-v2}.
 *
 * <p>Depends on core's clocks alone.
 */
package dev.cloister.sandbox.cgroup;
