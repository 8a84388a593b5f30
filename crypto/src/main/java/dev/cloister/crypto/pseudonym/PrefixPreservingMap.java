package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AddressForm.V4_BYTES;

import java.util.Arrays;
import java.util.Objects;

/**
 * Addresses to pseudonyms and back such that two pseudonyms share exactly as many first bits as
 * their addresses do. Not safe for use by more than one thread.
 *
 * <p>All bits of a pseudonym are made in one or two calls of the cipher, since they depend on the
 * address alone; those of an original come one by one, since each needs the ones before it.
 *
 * <p>The bits that belong to the first half of an address, 16 or 64 bits, are remembered: networks
 * recur.
 */
final class PrefixPreservingMap {
  private static final int V4_HALF = 16;
  private static final int V6_SLOTS_LOG = 12;

  /** Marks an entry of {@link #heads4} as made. */
  private static final int KNOWN = 1 << V4_HALF;

  private final PrefixPads pads;

  /** Bits by the address's first 16, all of them. */
  private final int[] heads4 = new int[1 << V4_HALF];

  /** Bits by the address's first 64, the latest of those that share a slot. */
  private final long[] heads6 = new long[1 << V6_SLOTS_LOG];

  private final long[] pads6 = new long[1 << V6_SLOTS_LOG];

  PrefixPreservingMap(PrefixPads pads) {
    this.pads = pads;
    // An empty slot reads as that of 64 zeros, so theirs is never empty.
    pads6[slot(0)] = pads.of6(0, 0, 0, Long.SIZE);
  }

  /** Maps an address. */
  void pseudonym(byte[] address, int offset, int length, byte[] out, int outOffset) {
    AddressForm.check(address, offset, length);
    Objects.checkFromIndexSize(outOffset, length, out.length);
    if (length == V4_BYTES) {
      var original = BigEndian.readInt(address, offset);
      var pad = head4(original) << V4_HALF | pads.of4(original, V4_HALF, V4_HALF);
      BigEndian.write(original ^ pad, out, outOffset);
    } else {
      var high = BigEndian.readLong(address, offset);
      var low = BigEndian.readLong(address, offset + Long.BYTES);
      var lowPad = pads.of6(high, low, Long.SIZE, Long.SIZE);
      BigEndian.write(high ^ head6(high), out, outOffset);
      BigEndian.write(low ^ lowPad, out, outOffset + Long.BYTES);
    }
  }

  private int head4(int address) {
    var head = address >>> V4_HALF;
    var known = heads4[head];
    if (known == 0) {
      known = pads.of4(address, 0, V4_HALF) | KNOWN;
      heads4[head] = known;
    }
    return known;
  }

  private long head6(long high) {
    var slot = slot(high);
    if (heads6[slot] != high) {
      pads6[slot] = pads.of6(high, 0, 0, Long.SIZE);
      heads6[slot] = high;
    }
    return pads6[slot];
  }

  /** Spreads neighbours: multiplies by the odd number nearest to 2^64 over the golden ratio. */
  private static int slot(long high) {
    return (int) ((high * 0x9e3779b97f4a7c15L) >>> (Long.SIZE - V6_SLOTS_LOG));
  }

  /** Finds the address of a pseudonym. */
  void original(byte[] pseudonym, int offset, int length, byte[] out, int outOffset) {
    AddressForm.check(pseudonym, offset, length);
    Objects.checkFromIndexSize(outOffset, length, out.length);
    if (length == V4_BYTES) {
      BigEndian.write(original4(BigEndian.readInt(pseudonym, offset)), out, outOffset);
    } else {
      var low = BigEndian.readLong(pseudonym, offset + Long.BYTES);
      var high = originalHigh(BigEndian.readLong(pseudonym, offset));
      BigEndian.write(high, out, outOffset);
      BigEndian.write(originalLow(high, low), out, outOffset + Long.BYTES);
    }
  }

  private int original4(int pseudonym) {
    var address = 0;
    for (var i = 0; i < Integer.SIZE; i++) {
      var bit = (pseudonym >>> (31 - i) ^ pads.of4(address, i, 1)) & 1;
      address |= bit << (31 - i);
    }
    return address;
  }

  private long originalHigh(long pseudonym) {
    var high = 0L;
    for (var i = 0; i < Long.SIZE; i++) {
      var bit = (pseudonym >>> (63 - i) ^ pads.of6(high, 0, i, 1)) & 1;
      high |= bit << (63 - i);
    }
    return high;
  }

  private long originalLow(long high, long pseudonym) {
    var low = 0L;
    for (var i = 0; i < Long.SIZE; i++) {
      var bit = (pseudonym >>> (63 - i) ^ pads.of6(high, low, Long.SIZE + i, 1)) & 1;
      low |= bit << (63 - i);
    }
    return low;
  }

  void forget() {
    pads.forget();
    Arrays.fill(heads4, 0);
    Arrays.fill(heads6, 0);
    Arrays.fill(pads6, 0);
  }
}
