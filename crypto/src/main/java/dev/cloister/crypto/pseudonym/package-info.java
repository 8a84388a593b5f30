/**
 * Names that stand for addresses and values, made under keys that die with their context.
 *
 * <p>{@link dev.cloister.crypto.pseudonym.CryptoPan} and {@link
 * dev.cloister.crypto.pseudonym.Ipcrypt} give addresses back to whoever holds the key; {@link
 * dev.cloister.crypto.pseudonym.KeyedHash} gives nothing back. One key serves one of them and one
 * field of one trace: whoever uses it twice lets two fields be joined.
 *
 * <p>Depends on {@code dev.cloister.core}, its keys, and the ciphers of the JDK.
 */
package dev.cloister.crypto.pseudonym;
