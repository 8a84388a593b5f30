/**
 * Byte streams to named destinations through Tor, and a gate of the same protocol for what
 * functions send out. Names are never resolved here: tor's exits do that.
 *
 * <p>Depends on core's policies, ledger and clocks, on the seam for channels of {@code
 * sandbox.session}, and on Guava's reading of addresses.
 */
package dev.cloister.tor.socks;
