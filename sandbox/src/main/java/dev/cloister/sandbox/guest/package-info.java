/**
 * The talk between a function's process and its host, and the function's side of it.
 *
 * <p>{@link dev.cloister.sandbox.guest.GuestChannel} is the host's end: it believes nothing that it
 * reads, and carries each call to the cell's {@link dev.cloister.sandbox.runtime.CellApi}. The
 * other end is Python, in the resources beside this package, which {@link
 * dev.cloister.sandbox.guest.PythonGuest} lays out. Both keep to {@code protocol.md} there. Depends
 * on the runtime's seam.
 */
package dev.cloister.sandbox.guest;
