package dev.cloister.crypto.pseudonym;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** What the tests of this package begin with. */
final class Given {
  private Given() {}

  static EphemeralKey key(String hex) {
    return SecretMemory.onHeap(64).keep(HexFormat.of().parseHex(hex));
  }

  /** A key of bytes that don't matter, but whose halves differ. */
  static EphemeralKey anyKey(int sizeBytes) {
    var bytes = new byte[sizeBytes];
    for (var i = 0; i < sizeBytes; i++) {
      bytes[i] = (byte) (i * 7 + 1);
    }
    return SecretMemory.onHeap(sizeBytes).keep(bytes);
  }

  static byte[] randomBytes(RandomGenerator random, int sizeBytes) {
    var bytes = new byte[sizeBytes];
    random.nextBytes(bytes);
    return bytes;
  }
}
