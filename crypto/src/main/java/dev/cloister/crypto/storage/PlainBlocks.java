package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Blocks that anyone can read: the fake, for tests that must find what the real one hides. */
final class PlainBlocks implements BlockCodec {

  @Override
  public void write(EphemeralKey key, Place place, byte[] payload, byte[] stored) {
    System.arraycopy(SealedBlocks.header(place), 0, stored, 0, SealedBlocks.HEADER_BYTES);
    System.arraycopy(payload, 0, stored, SealedBlocks.HEADER_BYTES, payload.length);
    var sum = sum(stored);
    for (var i = 0; i < SealedBlocks.TAG_BYTES; i++) {
      stored[stored.length - 1 - i] = (byte) (sum >>> (Byte.SIZE * i));
    }
  }

  @Override
  public void read(EphemeralKey key, Place place, byte[] stored, byte[] payload)
      throws BlockDamaged {
    var sum = sum(stored);
    for (var i = 0; i < SealedBlocks.TAG_BYTES; i++) {
      if (stored[stored.length - 1 - i] != (byte) (sum >>> (Byte.SIZE * i))) {
        throw new BlockDamaged(Loss.ALTERED);
      }
    }
    if (!Arrays.equals(
        stored,
        0,
        SealedBlocks.HEADER_BYTES,
        SealedBlocks.header(place),
        0,
        SealedBlocks.HEADER_BYTES)) {
      throw new BlockDamaged(Loss.SWAPPED);
    }
    System.arraycopy(stored, SealedBlocks.HEADER_BYTES, payload, 0, payload.length);
  }

  @Override
  public void warmUp() {
    // There is no cipher to warm up.
  }

  private static long sum(byte[] stored) {
    var crc = new CRC32C();
    crc.update(stored, 0, stored.length - SealedBlocks.TAG_BYTES);
    return crc.getValue();
  }
}
