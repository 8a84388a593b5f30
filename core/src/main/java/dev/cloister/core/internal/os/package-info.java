/**
 * Every native call of the library, in three layers: {@link
 * dev.cloister.core.internal.os.OperatingSystem} says what is wanted, {@link
 * dev.cloister.core.internal.os.Libc} is the C library as an interface, and one class binds it.
 *
 * <p>Exported to the library's own modules alone. Depends on nothing but {@code
 * dev.cloister.core}'s exceptions.
 */
package dev.cloister.core.internal.os;
