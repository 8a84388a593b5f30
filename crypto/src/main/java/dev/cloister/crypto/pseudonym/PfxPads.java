package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesBlocks.BLOCK_BYTES;

import java.util.Arrays;

/**
 * The bits of ipcrypt-pfx: the last bit of the exclusive or of two AES permutations of a block that
 * holds a one and, after it, the prefix. Source: draft-denis-ipcrypt, section 6.2; the pseudocode
 * of 9.6 says what its prose does not, that the prefix of an IPv4 address counts the 96 bits before
 * it in the 16-byte form.
 */
final class PfxPads implements PrefixPads {
  private static final int BLOCKS = Long.SIZE;
  private static final int V4_FIRST = 96;

  private final AesBlocks one;
  private final AesBlocks other;
  private final byte[] blocks = new byte[BLOCKS * BLOCK_BYTES];
  private final byte[] encryptedByOne = new byte[BLOCKS * BLOCK_BYTES];
  private final byte[] encryptedByOther = new byte[BLOCKS * BLOCK_BYTES];

  PfxPads(byte[] key) {
    this.one = AesBlocks.encrypting(key, 0);
    this.other = AesBlocks.encrypting(key, AesBlocks.KEY_BYTES);
  }

  @Override
  public int of4(int address, int first, int count) {
    return (int)
        of6(0, AddressForm.MAPPED_LOW | Integer.toUnsignedLong(address), V4_FIRST + first, count);
  }

  @Override
  public long of6(long high, long low, int first, int count) {
    if (first < Long.SIZE) {
      fillShort(high, first, count);
    } else {
      fillLong(high, low, first, count);
    }
    one.run(blocks, count, encryptedByOne);
    other.run(blocks, count, encryptedByOther);
    return lastBits(count);
  }

  /** Prefixes of less than 64 bits: a shift in two steps, because one by 64 does nothing. */
  private void fillShort(long high, int first, int count) {
    for (var i = 0; i < count; i++) {
      var prefixBits = first + i;
      BigEndian.write(0L, blocks, i * BLOCK_BYTES);
      BigEndian.write(
          (1L << prefixBits) | (high >>> 1 >>> (63 - prefixBits)),
          blocks,
          i * BLOCK_BYTES + Long.BYTES);
    }
  }

  private void fillLong(long high, long low, int first, int count) {
    for (var i = 0; i < count; i++) {
      var prefixBits = first + i;
      BigEndian.write(
          (1L << (prefixBits - 64)) | (high >>> 1 >>> (127 - prefixBits)), blocks, i * BLOCK_BYTES);
      BigEndian.write(
          (high << (prefixBits - 64)) | (low >>> 1 >>> (127 - prefixBits)),
          blocks,
          i * BLOCK_BYTES + Long.BYTES);
    }
  }

  private long lastBits(int count) {
    var bits = 0L;
    for (var i = 0; i < count; i++) {
      var last = i * BLOCK_BYTES + BLOCK_BYTES - 1;
      bits |= (long) (encryptedByOne[last] ^ encryptedByOther[last]) << 63 >>> i;
    }
    return bits >>> (Long.SIZE - count);
  }

  @Override
  public void forget() {
    one.forget();
    other.forget();
    Arrays.fill(blocks, (byte) 0);
    Arrays.fill(encryptedByOne, (byte) 0);
    Arrays.fill(encryptedByOther, (byte) 0);
  }
}
