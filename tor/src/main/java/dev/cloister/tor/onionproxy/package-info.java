/**
 * Functions with an onion proxy of their own (Tor's word for a client's tor), and a gate before it.
 *
 * <p>Depends on containers, confinement and control groups of the sandbox, and on {@code
 * tor.socks}; needs root, bubblewrap, {@code ip}, {@code nft} and an unmodified tor.
 */
package dev.cloister.tor.onionproxy;
