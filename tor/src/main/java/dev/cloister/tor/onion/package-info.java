/**
 * Onion services: their names, and what serves them.
 *
 * <p>Depends on the JDK and Guava's encodings.
 */
package dev.cloister.tor.onion;
