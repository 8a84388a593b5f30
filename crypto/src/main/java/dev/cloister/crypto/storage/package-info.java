/**
 * Stores that keep raw input in memory and, when that is full, encrypted on disk.
 *
 * <p>Depends on core's gates, keys and ledger, and on the JDK's ciphers.
 */
package dev.cloister.crypto.storage;
