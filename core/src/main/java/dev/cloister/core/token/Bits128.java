package dev.cloister.core.token;

import java.nio.ByteBuffer;
import java.util.Comparator;

/**
 * Sixteen bytes as a key of maps: a token's identifier, or a nonce. Holders choose nonces, and may
 * choose them to collide; because these can be ordered, the JDK's hash tables then search a tree.
 */
record Bits128(long high, long low) implements Comparable<Bits128> {
  static final int BYTES = 16;

  private static final Comparator<Bits128> ORDER =
      Comparator.comparingLong(Bits128::high).thenComparingLong(Bits128::low);

  /** Reads the first sixteen bytes. */
  static Bits128 first(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    return new Bits128(buffer.getLong(), buffer.getLong());
  }

  @Override
  public int compareTo(Bits128 other) {
    return ORDER.compare(this, other);
  }
}
