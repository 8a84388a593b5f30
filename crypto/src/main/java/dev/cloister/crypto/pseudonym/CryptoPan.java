package dev.cloister.crypto.pseudonym;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;

/**
 * Prefix-preserving pseudonyms: two pseudonyms share exactly as many first bits as their addresses
 * do, and without the key an address is hidden as far as this lets it be. It does not hide the
 * shape of networks: whoever knows one address behind a pseudonym knows the prefixes of its
 * neighbours, whoever can send packets into a trace can plant addresses to be known, and IPv4 is
 * small enough for structure alone to tell.
 *
 * <p>An IPv4 address is 4 bytes, an IPv6 address 16, both in network order, and so are their
 * pseudonyms; the two families are mapped apart. A map holds about 330 KiB: it remembers the work
 * done for the first 16 bits of IPv4 and for up to 4096 IPv6 networks of 64 bits, so that its time,
 * not its result, tells whether such a prefix came by before. No call allocates.
 *
 * <p>Safe for use by many threads, which take turns: for speed give each a map of its own, with the
 * same key. {@link #close} makes it forget the key and all it remembered; destroying the {@link
 * EphemeralKey} alone does not. On a processor with AES instructions the cipher takes the same time
 * for every key and address, elsewhere that depends on the JDK.
 *
 * <p>Source: Xu, Fan, Ammar and Moon, "Prefix-Preserving IP Address Anonymization" (ICNP 2002),
 * with the key of the reference implementation: 16 bytes for AES-128, then 16 bytes whose
 * encryption fills the blocks. IPv6 is the same over 128 bits. {@link Ipcrypt#pfx} does the same
 * with a stronger pseudorandom function at about half the speed.
 */
public final class CryptoPan implements AutoCloseable {
  /** How long a key is. */
  public static final int KEY_BYTES = 32;

  private static final String NAME = "Crypto-PAn";

  private final Lifetime lifetime = new Lifetime(NAME);
  private final PrefixPreservingMap map;

  private CryptoPan(PrefixPreservingMap map) {
    this.map = map;
  }

  /**
   * Makes a map.
   *
   * @param key 32 bytes, which stay the caller's to destroy
   * @return a map that the caller closes
   * @throws IllegalArgumentException when the key has another size
   * @throws ContextDestroyed when the key is gone
   */
  public static CryptoPan with(EphemeralKey key) {
    return LentKey.use(
        key,
        KEY_BYTES,
        NAME,
        bytes -> new CryptoPan(new PrefixPreservingMap(new CryptoPanPads(bytes))));
  }

  /**
   * Makes the pseudonym of an address.
   *
   * @param address where the address is
   * @param offset its first byte
   * @param length 4 for IPv4, 16 for IPv6
   * @param out where the pseudonym goes, as many bytes; may be {@code address}
   * @param outOffset its first byte
   * @throws IllegalArgumentException when the length is another
   * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
   * @throws ContextDestroyed after {@link #close}
   */
  public synchronized void pseudonym(
      byte[] address, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    map.pseudonym(address, offset, length, out, outOffset);
  }

  /**
   * Finds the address behind a pseudonym. Every 4 or 16 bytes are the pseudonym of an address, so a
   * wrong one is not noticed. Takes ten to twenty times as long as the way there, bit by bit.
   *
   * @param pseudonym where the pseudonym is
   * @param offset its first byte
   * @param length 4 for IPv4, 16 for IPv6
   * @param out where the address goes, as many bytes; may be {@code pseudonym}
   * @param outOffset its first byte
   * @throws IllegalArgumentException when the length is another
   * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
   * @throws ContextDestroyed after {@link #close}
   */
  public synchronized void original(
      byte[] pseudonym, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    map.original(pseudonym, offset, length, out, outOffset);
  }

  /** Forgets the key and all that was made of it; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      map.forget();
    }
  }

  /**
   * Names the scheme, and nothing more.
   *
   * @return {@code Crypto-PAn[open]}, or closed
   */
  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
