package dev.cloister.crypto.pseudonym;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;
import java.security.SecureRandom;

/**
 * Encryption of single addresses: without the key an encrypted address tells nothing of the
 * original but what its scheme is meant to keep, and with the key it gives the address back. None
 * of the schemes notices a changed or invented ciphertext, all of which decrypt to some address,
 * and none hides how often and when an address occurs where it keeps equal addresses equal.
 *
 * <table>
 *   <caption>What a scheme keeps, and what it takes and gives</caption>
 *   <tr><th>scheme</th><th>keeps</th><th>key</th><th>encrypted</th></tr>
 *   <tr><td>{@link #deterministic}</td><td>equality</td><td>16 bytes</td><td>16 bytes</td></tr>
 *   <tr><td>{@link #pfx}</td><td>common prefixes, family</td><td>32 bytes</td><td>4 or 16</td></tr>
 *   <tr><td>{@link #nd}</td><td>nothing</td><td>16 bytes</td><td>8 + 16 bytes</td></tr>
 *   <tr><td>{@link #ndx}</td><td>nothing</td><td>32 bytes</td><td>16 + 16 bytes</td></tr>
 * </table>
 *
 * <p>An address is 4 bytes (IPv4) or 16 (IPv6) in network order. All schemes take an IPv4 address
 * and the same address written as IPv6, {@code ::ffff:192.0.2.1}, for one, and all but {@link #pfx}
 * give 4 bytes back for both. Nothing marks a ciphertext as one. Give each scheme, and each field
 * of a trace, a key of its own.
 *
 * <p>Safe for use by many threads, which take turns: for speed give each an object of its own, with
 * the same key. No call allocates, but the JDK's random source does at times. {@link #close} makes
 * it forget the key; destroying the {@link EphemeralKey} alone does not. On a processor with AES
 * instructions the JDK's cipher takes the same time for every key and address; {@link #nd} cannot
 * use it, and says what follows.
 *
 * <p>Source: draft-denis-ipcrypt-13, "Methods for IP Address Encryption and Obfuscation".
 */
public sealed interface Ipcrypt extends AutoCloseable
    permits DeterministicIpcrypt, PfxIpcrypt, Ipcrypt.Tweaked {
  /** How long a key of {@link #deterministic} is. */
  int DETERMINISTIC_KEY_BYTES = 16;

  /** How long a key of {@link #pfx} is. */
  int PFX_KEY_BYTES = 32;

  /** How long a key of {@link #nd} is. */
  int ND_KEY_BYTES = 16;

  /** How long a key of {@link #ndx} is. */
  int NDX_KEY_BYTES = 32;

  /**
   * Encrypts equal addresses to equal ones and hides everything else, networks included; it does
   * not hide which records have the same address. One block of AES-128; section 5.1.
   *
   * @param key 16 bytes, which stay the caller's to destroy
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size
   * @throws ContextDestroyed when the key is gone
   */
  static Ipcrypt deterministic(EphemeralKey key) {
    return LentKey.use(
        key, DETERMINISTIC_KEY_BYTES, DeterministicIpcrypt.NAME, DeterministicIpcrypt::new);
  }

  /**
   * Encrypts such that two encrypted addresses share exactly as many first bits as the originals
   * do, and IPv4 stays IPv4; it does not hide the shape of networks, and what that gives away is
   * said at {@link CryptoPan}. The bits are the exclusive or of two AES-128 permutations; section
   * 6.2. It holds about 330 KiB and remembers the work done for prefixes, as {@link CryptoPan}
   * does.
   *
   * <p>An IPv6 address in {@code ::ffff:0:0/96} is encrypted as the IPv4 address in it, and stays
   * in that network; one in 2<sup>96</sup> of the other addresses is encrypted into it, and cannot
   * be decrypted. The draft has it so.
   *
   * @param key 32 bytes, whose halves must differ; they stay the caller's to destroy
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size, or equal halves
   * @throws ContextDestroyed when the key is gone
   */
  static Ipcrypt pfx(EphemeralKey key) {
    return LentKey.use(key, PFX_KEY_BYTES, PfxIpcrypt.NAME, PfxIpcrypt::new);
  }

  /**
   * Does as {@link #nd(EphemeralKey, SecureRandom)} with a random source of the JDK.
   *
   * @param key 16 bytes, which stay the caller's to destroy
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size
   * @throws ContextDestroyed when the key is gone
   */
  static Tweaked nd(EphemeralKey key) {
    return nd(key, new SecureRandom());
  }

  /**
   * Encrypts an address differently each time, so that nothing links two records; it does not do so
   * for ever: of 2<sup>32</sup> random tweaks of 8 bytes two are likely to be the same. KIASU-BC,
   * which is AES-128 with a tweak in every round; section 7.4.1.
   *
   * <p>The rounds are computed with tables, since the JDK has none that take a tweak: their time
   * depends on key and address, through the processor's cache, and someone who measures it closely
   * on the same host may learn the key. Where that matters take {@link #ndx}.
   *
   * @param key 16 bytes, which stay the caller's to destroy
   * @param random where tweaks come from
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size
   * @throws ContextDestroyed when the key is gone
   */
  static Tweaked nd(EphemeralKey key, SecureRandom random) {
    return LentKey.use(key, ND_KEY_BYTES, NdIpcrypt.NAME, bytes -> new NdIpcrypt(bytes, random));
  }

  /**
   * Does as {@link #ndx(EphemeralKey, SecureRandom)} with a random source of the JDK.
   *
   * @param key 32 bytes, whose halves must differ; they stay the caller's to destroy
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size, or equal halves
   * @throws ContextDestroyed when the key is gone
   */
  static Tweaked ndx(EphemeralKey key) {
    return ndx(key, new SecureRandom());
  }

  /**
   * Encrypts an address differently each time, so that nothing links two records; it does not hide
   * a repetition should two random tweaks of 16 bytes be the same, which is likely after
   * 2<sup>64</sup>. AES-XTS over one block; section 7.4.2.
   *
   * @param key 32 bytes, whose halves must differ, as FIPS 140-3 has it; they stay the caller's to
   *     destroy
   * @param random where tweaks come from
   * @return a scheme that the caller closes
   * @throws IllegalArgumentException when the key has another size, or equal halves
   * @throws ContextDestroyed when the key is gone
   */
  static Tweaked ndx(EphemeralKey key, SecureRandom random) {
    return LentKey.use(key, NDX_KEY_BYTES, NdxIpcrypt.NAME, bytes -> new NdxIpcrypt(bytes, random));
  }

  /**
   * Tells how long an encrypted address is.
   *
   * @param addressBytes how long the address is, 4 or 16
   * @return bytes
   * @throws IllegalArgumentException when the length is another
   */
  int encryptedBytes(int addressBytes);

  /**
   * Encrypts an address.
   *
   * @param address where the address is
   * @param offset its first byte
   * @param length 4 for IPv4, 16 for IPv6
   * @param out where the encrypted address goes; may be {@code address}
   * @param outOffset its first byte
   * @return how many bytes were written: {@link #encryptedBytes} of the length
   * @throws IllegalArgumentException when the length is another
   * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
   * @throws ContextDestroyed after {@link #close}
   */
  int encrypt(byte[] address, int offset, int length, byte[] out, int outOffset);

  /**
   * Decrypts an address. With a wrong key, or of a ciphertext that was changed, this gives some
   * other address.
   *
   * @param encrypted where the encrypted address is
   * @param offset its first byte
   * @param length how long it is, as {@link #encryptedBytes} says
   * @param out where the address goes, 4 or 16 bytes; may be {@code encrypted}
   * @param outOffset its first byte
   * @return how many bytes were written: 4 for IPv4, 16 for IPv6
   * @throws IllegalArgumentException when the length is another
   * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
   * @throws ContextDestroyed after {@link #close}
   */
  int decrypt(byte[] encrypted, int offset, int length, byte[] out, int outOffset);

  /** Forgets the key and all that was made of it; a second call does nothing. */
  @Override
  void close();

  /**
   * A scheme that encrypts an address differently under each tweak, and puts the tweak before what
   * it encrypts. A tweak is no secret; what the same tweak does to equal addresses is equal, so
   * choosing tweaks is best left to {@link #encrypt(byte[], int, int, byte[], int)}, which takes
   * random ones.
   *
   * <p>All else is as {@link Ipcrypt} says.
   */
  sealed interface Tweaked extends Ipcrypt permits NdIpcrypt, NdxIpcrypt {

    /**
     * Tells how long a tweak is.
     *
     * @return bytes
     */
    int tweakBytes();

    /**
     * Encrypts an address under a tweak that the caller chose.
     *
     * @param address where the address is
     * @param offset its first byte
     * @param length 4 for IPv4, 16 for IPv6
     * @param tweak where the tweak is, as many bytes as {@link #tweakBytes} says
     * @param tweakOffset its first byte
     * @param out where tweak and encrypted address go; may be {@code address} or {@code tweak}
     * @param outOffset the tweak's first byte there
     * @return how many bytes were written: {@link #encryptedBytes} of the length
     * @throws IllegalArgumentException when the length is another
     * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
     * @throws ContextDestroyed after {@link #close}
     */
    int encrypt(
        byte[] address,
        int offset,
        int length,
        byte[] tweak,
        int tweakOffset,
        byte[] out,
        int outOffset);
  }
}
