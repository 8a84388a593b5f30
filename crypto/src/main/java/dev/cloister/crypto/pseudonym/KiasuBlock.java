package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesTables.mixSubstitutes;
import static dev.cloister.crypto.pseudonym.AesTables.substitute;
import static dev.cloister.crypto.pseudonym.AesTables.unmix;
import static dev.cloister.crypto.pseudonym.AesTables.unsubstitute;

import java.util.Arrays;

/**
 * KIASU-BC: AES-128 with 8 more bytes, the tweak, that are combined with the key of every round by
 * exclusive or, two bytes to a column. Its time depends on key and text; see {@link AesTables}. Not
 * safe for use by more than one thread: the result of a call stays in the object until the next.
 *
 * <p>A column of the state is an {@code int}, its first row the highest byte. Sources: FIPS 197;
 * Jean, Nikolić and Peyrin, "Tweaks and Keys for Block Ciphers: The TWEAKEY Framework" (ASIACRYPT
 * 2014), section 5; draft-denis-ipcrypt, section 9.9.
 */
final class KiasuBlock {
  private static final int COLUMNS = 4;
  private static final int ROUNDS = 10;

  private final int[] roundKeys = new int[COLUMNS * (ROUNDS + 1)];
  private int column0;
  private int column1;
  private int column2;
  private int column3;

  KiasuBlock(byte[] key) {
    for (var i = 0; i < COLUMNS; i++) {
      roundKeys[i] = BigEndian.readInt(key, i * Integer.BYTES);
    }
    var constant = 1;
    for (var i = COLUMNS; i < roundKeys.length; i++) {
      var last = roundKeys[i - 1];
      if (i % COLUMNS == 0) {
        last = substituted(Integer.rotateLeft(last, 8)) ^ constant << 24;
        constant = AesTables.doubled(constant);
      }
      roundKeys[i] = roundKeys[i - COLUMNS] ^ last;
    }
  }

  private static int substituted(int column) {
    return lastRound(column, column, column, column);
  }

  /** Encrypts a block, given in halves; {@link #high} and {@link #low} tell the outcome. */
  void encrypt(long high, long low, long tweak) {
    take(high, low);
    addKey(0, tweak);
    for (var round = 1; round < ROUNDS; round++) {
      var c0 = mixSubstitutes(column0 >>> 24, column1 >>> 16, column2 >>> 8, column3);
      var c1 = mixSubstitutes(column1 >>> 24, column2 >>> 16, column3 >>> 8, column0);
      var c2 = mixSubstitutes(column2 >>> 24, column3 >>> 16, column0 >>> 8, column1);
      var c3 = mixSubstitutes(column3 >>> 24, column0 >>> 16, column1 >>> 8, column2);
      set(c0, c1, c2, c3);
      addKey(round, tweak);
    }
    set(
        lastRound(column0, column1, column2, column3),
        lastRound(column1, column2, column3, column0),
        lastRound(column2, column3, column0, column1),
        lastRound(column3, column0, column1, column2));
    addKey(ROUNDS, tweak);
  }

  /** Substitutes and shifts, without mixing: row n of the result comes from the n-th column. */
  private static int lastRound(int row0, int row1, int row2, int row3) {
    return substitute(row0 >>> 24) << 24
        | substitute(row1 >>> 16) << 16
        | substitute(row2 >>> 8) << 8
        | substitute(row3);
  }

  /** Decrypts a block, given in halves: the steps of {@link #encrypt}, undone from the last. */
  void decrypt(long high, long low, long tweak) {
    take(high, low);
    addKey(ROUNDS, tweak);
    for (var round = ROUNDS - 1; round > 0; round--) {
      unshift();
      addKey(round, tweak);
      set(unmix(column0), unmix(column1), unmix(column2), unmix(column3));
    }
    unshift();
    addKey(0, tweak);
  }

  private void unshift() {
    set(
        unsubstituted(column0, column3, column2, column1),
        unsubstituted(column1, column0, column3, column2),
        unsubstituted(column2, column1, column0, column3),
        unsubstituted(column3, column2, column1, column0));
  }

  private static int unsubstituted(int row0, int row1, int row2, int row3) {
    return unsubstitute(row0 >>> 24) << 24
        | unsubstitute(row1 >>> 16) << 16
        | unsubstitute(row2 >>> 8) << 8
        | unsubstitute(row3);
  }

  private void addKey(int round, long tweak) {
    var first = round * COLUMNS;
    column0 ^= roundKeys[first] ^ tweakColumn(tweak, 0);
    column1 ^= roundKeys[first + 1] ^ tweakColumn(tweak, 1);
    column2 ^= roundKeys[first + 2] ^ tweakColumn(tweak, 2);
    column3 ^= roundKeys[first + 3] ^ tweakColumn(tweak, 3);
  }

  /** Two bytes of the tweak at the top of a column, zeros below. */
  private static int tweakColumn(long tweak, int column) {
    return (int) (tweak << (column * 16) >>> 48) << 16;
  }

  private void take(long high, long low) {
    set((int) (high >>> 32), (int) high, (int) (low >>> 32), (int) low);
  }

  private void set(int c0, int c1, int c2, int c3) {
    column0 = c0;
    column1 = c1;
    column2 = c2;
    column3 = c3;
  }

  /** The first half of what the last call made. */
  long high() {
    return (long) column0 << 32 | Integer.toUnsignedLong(column1);
  }

  /** The second half of what the last call made. */
  long low() {
    return (long) column2 << 32 | Integer.toUnsignedLong(column3);
  }

  void forget() {
    Arrays.fill(roundKeys, 0);
    set(0, 0, 0, 0);
  }
}
