package dev.cloister.crypto.pseudonym;

import java.security.SecureRandom;

/**
 * Random bytes, each given once. They are drawn many at a time, because a draw costs more than
 * encrypting an address does. Not safe for use by more than one thread.
 */
final class RandomTweaks {
  private final SecureRandom random;
  private final byte[] drawn = new byte[4096];
  private int next = drawn.length;

  RandomTweaks(SecureRandom random) {
    this.random = random;
  }

  long nextLong() {
    if (next == drawn.length) {
      random.nextBytes(drawn);
      next = 0;
    }
    var value = BigEndian.readLong(drawn, next);
    next += Long.BYTES;
    return value;
  }
}
