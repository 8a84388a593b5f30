package dev.cloister.crypto.pseudonym;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Objects;
import javax.crypto.Mac;

/**
 * A name for a value that nobody without the key can link to it, and that is the same whenever the
 * value is. It does not hide how often a value occurs, and whoever holds the key can try values:
 * one from a small set, an IPv4 address or a user's name, is safe only for as long as the key stays
 * secret and no longer than it lives.
 *
 * <p>A hash is the first bytes of HMAC-SHA256 under a key of 32 bytes. At {@code n} bytes two of
 * 2<sup>4n</sup> different values are likely to share one: of 65,000 at 4 bytes, of four thousand
 * million at 8.
 *
 * <p>Safe for use by many threads, which take turns: for speed give each a hash of its own, with
 * the same key. A call allocates what the JDK's {@link Mac} does, one array. {@link #close} makes
 * it forget the key; destroying the {@link EphemeralKey} alone does not. Source: RFC 2104 and its
 * section 5; FIPS 180-4.
 */
public final class KeyedHash implements AutoCloseable {
  /** How long a key is. */
  public static final int KEY_BYTES = 32;

  private static final String NAME = "HMAC-SHA256";
  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES_MIN = 4;
  private static final int BYTES_MAX = 32;

  private final Lifetime lifetime = new Lifetime(NAME);
  private final Mac mac;
  private final int bytes;

  private KeyedHash(byte[] key, int bytes) {
    this.bytes = bytes;
    try {
      this.mac = Mac.getInstance(ALGORITHM);
      mac.init(new LentKey(ALGORITHM, key, 0, KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HmacSHA256, which every JDK has", e);
    }
  }

  /**
   * Makes a hash.
   *
   * @param key 32 bytes, which stay the caller's to destroy
   * @param bytes how long a hash is, 4 to 32
   * @return a hash that the caller closes
   * @throws IllegalArgumentException when the key has another size, or the hash would have
   * @throws ContextDestroyed when the key is gone
   */
  public static KeyedHash with(EphemeralKey key, int bytes) {
    if (bytes < BYTES_MIN || bytes > BYTES_MAX) {
      throw new IllegalArgumentException(
          "hash of %d bytes: allowed %d to %d".formatted(bytes, BYTES_MIN, BYTES_MAX));
    }
    return LentKey.use(key, KEY_BYTES, NAME, secret -> new KeyedHash(secret, bytes));
  }

  /**
   * Tells how long a hash is.
   *
   * @return bytes, 4 to 32
   */
  public int sizeBytes() {
    return bytes;
  }

  /**
   * Hashes a value.
   *
   * @param in where the value is
   * @param offset its first byte
   * @param length how many bytes, 0 or more
   * @param out where the hash goes, {@link #sizeBytes} bytes; may be {@code in}
   * @param outOffset its first byte
   * @throws IndexOutOfBoundsException when a range is not in its array; nothing is written then
   * @throws ContextDestroyed after {@link #close}
   */
  public synchronized void hash(byte[] in, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    Objects.checkFromIndexSize(offset, length, in.length);
    Objects.checkFromIndexSize(outOffset, bytes, out.length);
    mac.update(in, offset, length);
    System.arraycopy(mac.doFinal(), 0, out, outOffset, bytes);
  }

  /** Forgets the key; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      try {
        mac.init(LentKey.blank(ALGORITHM, KEY_BYTES));
      } catch (InvalidKeyException e) {
        throw new IllegalStateException("HmacSHA256 refused a key of 32 bytes", e);
      }
    }
  }

  /**
   * Names the scheme, and nothing more.
   *
   * @return {@code HMAC-SHA256[open]}, or closed
   */
  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
