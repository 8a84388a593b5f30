package dev.cloister.crypto.pseudonym;

/**
 * What AES does to a byte, as tables of 256 entries that are computed here from its definition.
 * Looking up a secret byte takes a time that depends on it, through the processor's cache. Source:
 * FIPS 197, sections 4.2, 5.1.1, 5.1.3 and 5.3.3.
 */
final class AesTables {
  /** The S-box. */
  private static final int[] SUBSTITUTED = substituted();

  private static final int[] UNSUBSTITUTED = inverted(SUBSTITUTED);

  /** What MixColumns makes of a column that has the byte's substitute at the top and zeros. */
  private static final int[] MIXED = new int[256];

  /** What InvMixColumns makes of a column that has the byte itself at the top and zeros. */
  private static final int[] UNMIXED = new int[256];

  static {
    for (var b = 0; b < 256; b++) {
      MIXED[b] = column(SUBSTITUTED[b], 2, 1, 1, 3);
      UNMIXED[b] = column(b, 14, 9, 13, 11);
    }
  }

  private AesTables() {}

  /** Substitutes a byte; higher bits of the argument don't matter. */
  static int substitute(int b) {
    return SUBSTITUTED[b & 0xff];
  }

  static int unsubstitute(int b) {
    return UNSUBSTITUTED[b & 0xff];
  }

  /** Substitutes four bytes, which stand in different rows, and mixes them as one column. */
  static int mixSubstitutes(int row0, int row1, int row2, int row3) {
    return MIXED[row0 & 0xff]
        ^ Integer.rotateRight(MIXED[row1 & 0xff], 8)
        ^ Integer.rotateRight(MIXED[row2 & 0xff], 16)
        ^ Integer.rotateRight(MIXED[row3 & 0xff], 24);
  }

  /** Undoes the mixing of a column. */
  static int unmix(int column) {
    return UNMIXED[column >>> 24]
        ^ Integer.rotateRight(UNMIXED[column >>> 16 & 0xff], 8)
        ^ Integer.rotateRight(UNMIXED[column >>> 8 & 0xff], 16)
        ^ Integer.rotateRight(UNMIXED[column & 0xff], 24);
  }

  /** Multiplies by x in the field of 2^8 elements. */
  static int doubled(int b) {
    return b << 1 ^ (b >>> 7) * 0x11b;
  }

  private static int product(int a, int b) {
    var sum = 0;
    for (var power = a; b != 0; b >>>= 1) {
      sum ^= power * (b & 1);
      power = doubled(power);
    }
    return sum;
  }

  private static int column(int b, int row0, int row1, int row2, int row3) {
    return product(b, row0) << 24
        | product(b, row1) << 16
        | product(b, row2) << 8
        | product(b, row3);
  }

  /** The inverse in the field, then an affine map. */
  private static int[] substituted() {
    // Every element but 0 is a power of 3, and the inverse of 3^n is 3^(255 - n).
    var power = new int[256];
    power[0] = 1;
    for (var n = 1; n < 256; n++) {
      power[n] = product(power[n - 1], 3);
    }
    var table = new int[256];
    table[0] = affine(0);
    for (var n = 0; n < 255; n++) {
      table[power[n]] = affine(power[255 - n]);
    }
    return table;
  }

  private static int affine(int b) {
    var twice = b << 8 | b;
    return (b ^ twice >>> 7 ^ twice >>> 6 ^ twice >>> 5 ^ twice >>> 4 ^ 0x63) & 0xff;
  }

  private static int[] inverted(int[] table) {
    var inverse = new int[256];
    for (var b = 0; b < 256; b++) {
      inverse[table[b]] = b;
    }
    return inverse;
  }
}
