/**
 * A directory of any {@code java.nio.file} provider as a real mount, for processes and containers
 * that know nothing of Java: the kernel's FUSE protocol over {@code /dev/fuse}, spoken by code of
 * this package alone, from the constants of the kernel's {@code uapi/linux/fuse.h}.
 *
 * <p>Rests on the kernel's FUSE, on being root, and on what the provider promises: that an open
 * channel works on after its file is deleted, that names are told apart as they are written, and
 * that nobody else replaces a directory of it by a symbolic link. Root on the host can read what is
 * mounted. See fuse(4).
 *
 * <p>Depends on core's native calls and counters.
 */
package dev.cloister.sandbox.fuse;
