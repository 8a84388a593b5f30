/**
 * The words that all packages of this module use: an onion service's address and keys, a relay's
 * fingerprint.
 *
 * <p>Depends on core's {@code SecretAccess}, the JDK and Guava's encodings.
 */
package dev.cloister.tor;
