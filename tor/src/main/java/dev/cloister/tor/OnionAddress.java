package dev.cloister.tor;

import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The address of a version 3 onion service: an Ed25519 public key with a checksum. A value of this
 * type has a correct checksum; that anyone serves it, it does not say. Immutable.
 *
 * <p>Source: Tor's rend-spec-v3, section 6, "Encoding onion addresses".
 */
public final class OnionAddress {
  private static final int KEY_BYTES = 32;
  private static final int CHECKSUM_BYTES = 2;
  private static final byte VERSION = 3;
  private static final String SUFFIX = ".onion";
  private static final BaseEncoding BASE32 = BaseEncoding.base32().lowerCase();

  private final byte[] publicKey;

  private OnionAddress(byte[] publicKey) {
    this.publicKey = publicKey;
  }

  /**
   * Takes a service's key.
   *
   * @param publicKey 32 bytes; copied
   * @return its address
   */
  public static OnionAddress of(byte[] publicKey) {
    if (publicKey.length != KEY_BYTES) {
      throw new IllegalArgumentException("onion key of " + publicKey.length + " bytes: must be 32");
    }
    return new OnionAddress(publicKey.clone());
  }

  /**
   * Reads an address.
   *
   * @param text 56 base32 characters and {@code .onion}, in any case
   * @return the address
   * @throws IllegalArgumentException when it is malformed, of another version, or mistyped
   */
  public static OnionAddress parse(String text) {
    var lower = text.toLowerCase(Locale.ROOT);
    if (!lower.matches("[a-z2-7]{56}\\.onion")) {
      throw new IllegalArgumentException(
          "onion address \"" + text + "\": must be 56 of a-z and 2-7, then .onion");
    }
    var bytes = BASE32.decode(lower.substring(0, lower.length() - SUFFIX.length()));
    var key = Arrays.copyOf(bytes, KEY_BYTES);
    if (bytes[KEY_BYTES + CHECKSUM_BYTES] != VERSION) {
      throw new IllegalArgumentException(
          "onion address \"%s\" is of version %d: only 3 is known"
              .formatted(text, bytes[KEY_BYTES + CHECKSUM_BYTES]));
    }
    if (!MessageDigest.isEqual(
        checksum(key), Arrays.copyOfRange(bytes, KEY_BYTES, KEY_BYTES + CHECKSUM_BYTES))) {
      throw new IllegalArgumentException(
          "onion address \"" + text + "\" has a wrong checksum: it was mistyped");
    }
    return new OnionAddress(key);
  }

  private static byte[] checksum(byte[] key) {
    try {
      var digest = MessageDigest.getInstance("SHA3-256");
      digest.update(".onion checksum".getBytes(StandardCharsets.US_ASCII));
      digest.update(key);
      digest.update(VERSION);
      return Arrays.copyOf(digest.digest(), CHECKSUM_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA3-256", e);
    }
  }

  /**
   * Reads an address as tor's control port names a service.
   *
   * @param id 56 base32 characters, in any case
   * @return the address
   * @throws IllegalArgumentException when it is malformed, of another version, or mistyped
   */
  public static OnionAddress ofId(String id) {
    return parse(id + SUFFIX);
  }

  /**
   * Returns the service's key.
   *
   * @return a copy, 32 bytes
   */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Writes the address.
   *
   * @return 56 characters and {@code .onion}
   */
  public String text() {
    return id() + SUFFIX;
  }

  /**
   * Writes the address as tor's control port names a service.
   *
   * @return 56 characters
   */
  public String id() {
    var bytes = Arrays.copyOf(publicKey, KEY_BYTES + CHECKSUM_BYTES + 1);
    System.arraycopy(checksum(publicKey), 0, bytes, KEY_BYTES, CHECKSUM_BYTES);
    bytes[KEY_BYTES + CHECKSUM_BYTES] = VERSION;
    return BASE32.encode(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OnionAddress that && Arrays.equals(publicKey, that.publicKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(publicKey);
  }

  /**
   * Shows the key; an address is no secret, but it is easier to grep for in one form.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "OnionAddress[" + HexFormat.of().formatHex(publicKey) + "]";
  }
}
