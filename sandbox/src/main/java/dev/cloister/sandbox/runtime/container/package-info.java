/**
 * Functions in namespaces of their own, which bubblewrap makes.
 *
 * <p>Depends on confinement, control groups and network namespaces; needs bubblewrap's program, and
 * root only for networks of the functions' own.
 */
package dev.cloister.sandbox.runtime.container;
