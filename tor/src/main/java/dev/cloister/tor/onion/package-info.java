/**
 * Onion services from both sides: {@link OnionService} serves one through a control port and knows
 * when it can be reached; {@link OnionStreams} reaches one, and tries again where that helps;
 * {@link OnionClientKey} is what a service asks of its clients.
 *
 * <p>The address and the keys themselves, {@code OnionAddress} and {@code OnionKey}, are words of
 * the module's root package, since the control port's commands need them too. Depends on these
 * words, on core's clocks, on {@code control} and {@code socks}.
 *
 * <p>Source: rend-spec-v3; control-spec, sections 3.27 and 4.1.25; measured with tor 0.4.9.
 */
package dev.cloister.tor.onion;
