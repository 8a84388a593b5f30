package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesBlocks.BLOCK_BYTES;

import java.util.Arrays;

/**
 * The bits of Crypto-PAn: the first bit of AES over a block that begins with the address's prefix
 * and goes on with a secret filler.
 */
final class CryptoPanPads implements PrefixPads {
  private static final int BLOCKS = Long.SIZE;

  private final AesBlocks aes;
  private final long fillerHigh;
  private final long fillerLow;

  /** Blocks for the first half of an address; their second half is the filler's for good. */
  private final byte[] highBlocks = new byte[BLOCKS * BLOCK_BYTES];

  private final byte[] lowBlocks = new byte[BLOCKS * BLOCK_BYTES];
  private final byte[] encrypted = new byte[BLOCKS * BLOCK_BYTES];

  CryptoPanPads(byte[] key) {
    this.aes = AesBlocks.encrypting(key, 0);
    System.arraycopy(key, AesBlocks.KEY_BYTES, lowBlocks, 0, BLOCK_BYTES);
    aes.run(lowBlocks, 1, encrypted);
    this.fillerHigh = BigEndian.readLong(encrypted, 0);
    this.fillerLow = BigEndian.readLong(encrypted, Long.BYTES);
    for (var i = 0; i < BLOCKS; i++) {
      BigEndian.write(fillerLow, highBlocks, i * BLOCK_BYTES + Long.BYTES);
    }
  }

  @Override
  public int of4(int address, int first, int count) {
    return (int) ofHigh((long) address << Integer.SIZE, first, count);
  }

  @Override
  public long of6(long high, long low, int first, int count) {
    return first < Long.SIZE
        ? ofHigh(high, first, count)
        : ofLow(high, low, first - Long.SIZE, count);
  }

  private long ofHigh(long high, int first, int count) {
    for (var i = 0; i < count; i++) {
      BigEndian.write(prefixed(high, fillerHigh, first + i), highBlocks, i * BLOCK_BYTES);
    }
    aes.run(highBlocks, count, encrypted);
    return firstBits(count);
  }

  private long ofLow(long high, long low, int first, int count) {
    for (var i = 0; i < count; i++) {
      BigEndian.write(high, lowBlocks, i * BLOCK_BYTES);
      BigEndian.write(prefixed(low, fillerLow, first + i), lowBlocks, i * BLOCK_BYTES + Long.BYTES);
    }
    aes.run(lowBlocks, count, encrypted);
    return firstBits(count);
  }

  private static long prefixed(long bits, long filler, int prefixBits) {
    var afterPrefix = -1L >>> prefixBits;
    return (bits & ~afterPrefix) | (filler & afterPrefix);
  }

  private long firstBits(int count) {
    var bits = 0L;
    for (var i = 0; i < count; i++) {
      bits |= (encrypted[i * BLOCK_BYTES] & 0x80L) << 56 >>> i;
    }
    return bits >>> (Long.SIZE - count);
  }

  @Override
  public void forget() {
    aes.forget();
    Arrays.fill(highBlocks, (byte) 0);
    Arrays.fill(lowBlocks, (byte) 0);
    Arrays.fill(encrypted, (byte) 0);
  }
}
