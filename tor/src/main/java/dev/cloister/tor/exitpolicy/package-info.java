/**
 * Tor's exit policies: the words of tor(1)'s {@code ExitPolicy} and of what relays publish, read as
 * a relay reads them, evaluated, explained, and turned into a network policy that firewalls and
 * mediated fetches hold to.
 *
 * <p>Where tor and what its manual or python3-stem say differ, tor is followed. Where tor takes a
 * slip of the pen for something else, the policy is refused: an empty mask ({@code 10.0.0.0/:80},
 * to tor all addresses), text after a bracket or after ports ({@code [::1]x:80}, {@code :80-90x}),
 * a dotted mask of IPv6, a plus sign, IPv4 and stars in brackets, the word {@code opt}. An
 * IPv4-mapped IPv6 address is judged as the IPv4 address that the kernel would connect to, and
 * cannot be written in a rule; to tor it is an IPv6 address.
 *
 * <p>Depends on core's policy. No name is ever looked up.
 */
package dev.cloister.tor.exitpolicy;
