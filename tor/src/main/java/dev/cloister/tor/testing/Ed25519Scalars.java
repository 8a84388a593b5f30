package dev.cloister.tor.testing;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Public keys of expanded Ed25519 secret keys, as onion services have them, which the JDK does not
 * compute. For a fake alone: the time it takes tells of the key.
 *
 * <p>Source: RFC 8032, section 5.1.
 */
final class Ed25519Scalars {
  static final int KEY_BYTES = 64;

  private static final int SCALAR_BYTES = 32;
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger D =
      BigInteger.valueOf(-121_665).multiply(BigInteger.valueOf(121_666).modInverse(P)).mod(P);
  private static final Point BASE =
      Point.of(
          new BigInteger(
              "15112221349535400772501151409588531511454012693041857206046113283949847762202"),
          new BigInteger(
              "46316835694926478169428394003475163141307993866256225615783033603165251855960"));

  private Ed25519Scalars() {}

  /** A point in extended coordinates. */
  private record Point(BigInteger x, BigInteger y, BigInteger z, BigInteger t) {
    static Point of(BigInteger x, BigInteger y) {
      return new Point(x, y, BigInteger.ONE, x.multiply(y).mod(P));
    }

    Point plus(Point q) {
      var a = y.subtract(x).multiply(q.y.subtract(q.x));
      var b = y.add(x).multiply(q.y.add(q.x));
      var c = t.multiply(BigInteger.TWO).multiply(D).multiply(q.t);
      var d = z.multiply(BigInteger.TWO).multiply(q.z);
      var e = b.subtract(a).mod(P);
      var f = d.subtract(c).mod(P);
      var g = d.add(c).mod(P);
      var h = b.add(a).mod(P);
      return new Point(
          e.multiply(f).mod(P), g.multiply(h).mod(P), f.multiply(g).mod(P), e.multiply(h).mod(P));
    }

    byte[] encoded() {
      var inverse = z.modInverse(P);
      var isOdd = x.multiply(inverse).mod(P).testBit(0);
      var bytes = reversed(y.multiply(inverse).mod(P).toByteArray());
      if (isOdd) {
        bytes[SCALAR_BYTES - 1] |= (byte) 0x80;
      }
      return bytes;
    }
  }

  /** Turns big-endian into little-endian of 32 bytes, or back. */
  private static byte[] reversed(byte[] bytes) {
    var reversed = new byte[SCALAR_BYTES];
    for (var i = 0; i < Math.min(SCALAR_BYTES, bytes.length); i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  /** Makes an expanded secret key: a scalar and a prefix. */
  static byte[] newKey() {
    var key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    key[0] &= (byte) 0xf8;
    key[SCALAR_BYTES - 1] &= 0x3f;
    key[SCALAR_BYTES - 1] |= 0x40;
    return key;
  }

  /** Computes the public key of an expanded secret key. */
  static byte[] publicKey(byte[] expanded) {
    var scalar = new BigInteger(1, reversed(Arrays.copyOf(expanded, SCALAR_BYTES)));
    var sum = Point.of(BigInteger.ZERO, BigInteger.ONE);
    for (var bit = scalar.bitLength() - 1; bit >= 0; bit--) {
      sum = sum.plus(sum);
      if (scalar.testBit(bit)) {
        sum = sum.plus(BASE);
      }
    }
    return sum.encoded();
  }
}
