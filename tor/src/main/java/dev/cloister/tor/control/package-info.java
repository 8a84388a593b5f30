/**
 * A client of tor's control port: its commands and events as types, over TCP, a unix socket or any
 * link. It has no thread: whoever waits, for an answer or for an event, reads for all.
 *
 * <p>What comes from the port is not trusted: every length is bounded, every wait has an end, and
 * what breaks the protocol closes the connection. What a stranger's function may ask for is judged
 * elsewhere (mediation); a client of this package may ask for anything.
 *
 * <p>Source: Tor's control-spec, and tor 0.4.9. Depends on the module's words and core.
 */
package dev.cloister.tor.control;
