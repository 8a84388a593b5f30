/**
 * Functions as programs of the host, behind what its kernel gives to any process.
 *
 * <p>Depends on confinement and control groups; no helper program is needed, nor root.
 */
package dev.cloister.sandbox.runtime.process;
