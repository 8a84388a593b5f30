package dev.cloister.tor.socks;

import java.util.Random;

/** Damages a message. */
final class Mutation {
  private Mutation() {}

  /** Changes, inserts, repeats or removes one to four bytes. */
  static byte[] of(byte[] whole, Random random) {
    var bytes = whole;
    for (var times = 1 + random.nextInt(4); times > 0; times--) {
      var at = random.nextInt(bytes.length + 1);
      bytes =
          switch (random.nextInt(3)) {
            case 0 -> spliced(bytes, at, Math.min(bytes.length, at + 1), new byte[] {any(random)});
            case 1 -> spliced(bytes, at, at, new byte[] {any(random)});
            default -> spliced(bytes, at, Math.min(bytes.length, at + 1), new byte[0]);
          };
    }
    return bytes;
  }

  /** Small numbers and the ends of the range are what lengths and types go wrong with. */
  private static byte any(Random random) {
    return (byte) (random.nextBoolean() ? random.nextInt(-1, 7) : random.nextInt(256));
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] by) {
    var result = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(by, 0, result, from, by.length);
    System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
    return result;
  }
}
