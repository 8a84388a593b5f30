/**
 * A node beside a tor of its own or another's: it takes clients' connections on loopback, has each
 * show that it knows the node's key, and hands it on; clients come as to an onion service, or
 * through the node's own relay, or from this host.
 *
 * <p>What is said on a connection it does not know: {@code sandbox.session} does. Depends on core's
 * clocks and ledger, {@code crypto.identity}, {@code sandbox.transport}, and on this module's
 * words, {@code control}, {@code onion} and {@code socks}.
 */
package dev.cloister.tor.node;
