/**
 * What a function may reach, as the kernel holds it to it: a network policy as rules of nftables or
 * iptables, and a network namespace of its own behind those rules. Both are here because neither is
 * safe without the other: rules name the namespace's device and addresses, and are loaded before
 * the device exists.
 *
 * <p>Rests on the kernel's packet filter, on the programs {@code ip} and {@code nft}, and on being
 * root with CAP_NET_ADMIN. Root on the host defeats it, and so does any other rule of the host that
 * accepts a packet by another road (a proxy that listens where the policy lets functions connect).
 * Names are not looked up: what resolves names for a function must judge addresses by the same
 * policy. See nft(8), iptables-restore(8), ip-netns(8).
 *
 * <p>Depends on core's policy.
 */
package dev.cloister.sandbox.firewall;
