/**
 * The encrypted file system of a cell, as a file system of NIO: what is written to the host's disk
 * is AES-256-GCM under a key that dies with the cell, and what it says of itself is how many blocks
 * there are, how long each is, and when it is written.
 *
 * <p>Depends on the key machinery and gates of core alone. {@code Vault} is opened and closed; the
 * tree and the blocks' places are in memory only; {@code BlockStore} encrypts; {@code BlockMedium}
 * keeps what is encrypted.
 */
package dev.cloister.sandbox.vaultfs;
