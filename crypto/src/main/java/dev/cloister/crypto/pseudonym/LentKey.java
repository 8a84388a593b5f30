package dev.cloister.crypto.pseudonym;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretAccess;
import java.util.Arrays;
import java.util.function.Function;
import javax.crypto.SecretKey;

/**
 * Key bytes on loan to a cipher of the JDK, which copies them. Unlike {@link
 * javax.crypto.spec.SecretKeySpec} it makes no copy of its own, so that nothing is left of it once
 * the lender has zeroed the array.
 */
final class LentKey implements SecretKey {
  private static final long serialVersionUID = 1L;

  private final String algorithm;
  private final transient byte[] bytes;
  private final int offset;
  private final int sizeBytes;

  LentKey(String algorithm, byte[] bytes, int offset, int sizeBytes) {
    this.algorithm = algorithm;
    this.bytes = bytes;
    this.offset = offset;
    this.sizeBytes = sizeBytes;
  }

  /** A key that everyone knows, to overwrite one in a cipher. */
  static LentKey blank(String algorithm, int sizeBytes) {
    return new LentKey(algorithm, new byte[sizeBytes], 0, sizeBytes);
  }

  /** Lends a key that must have a certain size. */
  static <T> T use(EphemeralKey key, int sizeBytes, String scheme, Function<byte[], T> use) {
    if (key.sizeBytes() != sizeBytes) {
      throw new IllegalArgumentException(
          "key of %d bytes for %s: allowed %d".formatted(key.sizeBytes(), scheme, sizeBytes));
    }
    return key.use(SecretAccess.granted(), use);
  }

  /** Refuses a 32-byte key whose halves are the same, with which some schemes hide nothing. */
  static void checkHalves(byte[] key, String scheme) {
    var difference = 0;
    for (var i = 0; i < key.length / 2; i++) {
      difference |= key[i] ^ key[key.length / 2 + i];
    }
    if (difference == 0) {
      throw new IllegalArgumentException(
          "key for " + scheme + " whose halves are equal: allowed are two different ones");
    }
  }

  @Override
  public String getAlgorithm() {
    return algorithm;
  }

  @Override
  public String getFormat() {
    return "RAW";
  }

  @Override
  public byte[] getEncoded() {
    return Arrays.copyOfRange(bytes, offset, offset + sizeBytes);
  }

  @Override
  public String toString() {
    return "LentKey[" + algorithm + "]";
  }
}
