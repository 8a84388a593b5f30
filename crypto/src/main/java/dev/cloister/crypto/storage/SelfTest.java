package dev.cloister.crypto.storage;

import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.storage.BlockCodec.Place;
import java.util.Arrays;

/** What a store does with a block before it is trusted with one: writes it, and looks for it. */
final class SelfTest {
  /** The shortest piece of the payload that must not be found in the stored block. */
  private static final int PIECE_BYTES = 8;

  private SelfTest() {}

  /**
   * Returns the evidence that a block written is not the block given, and opens with its key alone.
   */
  static String run(SpillPlan plan) {
    try (var keys = KeyRing.open(SecretMemory::onHeap)) {
      var codec = plan.codec();
      var place = new Place(1, 2, 3);
      var payload = new byte[plan.blockBytes() - BlockCodec.OVERHEAD_BYTES];
      for (var i = 0; i < payload.length; i++) {
        payload[i] = (byte) "raw packet ".charAt(i % 11);
      }
      var stored = new byte[plan.blockBytes()];
      var key = keys.fresh(SealedBlocks.KEY_BYTES);
      codec.write(key, place, payload, stored);
      if (contains(stored, Arrays.copyOf(payload, PIECE_BYTES))) {
        throw new IllegalStateException("a block was written in plain");
      }
      refuses(codec, keys, place, stored);
      var opened = new byte[payload.length];
      codec.read(key, place, stored, opened);
      if (!Arrays.equals(payload, opened)) {
        throw new IllegalStateException("a block read is not the block written");
      }
      return "a test block was looked for in what was written: not found;"
          + " opening it with another key: refused";
    } catch (BlockDamaged e) {
      throw new IllegalStateException("a block written cannot be read", e);
    }
  }

  private static void refuses(BlockCodec codec, KeyRing keys, Place place, byte[] stored) {
    try {
      codec.read(
          keys.fresh(SealedBlocks.KEY_BYTES),
          place,
          stored,
          new byte[stored.length - BlockCodec.OVERHEAD_BYTES]);
    } catch (BlockDamaged _) {
      return;
    }
    throw new IllegalStateException("a block opened with another key");
  }

  private static boolean contains(byte[] all, byte[] piece) {
    for (var i = 0; i <= all.length - piece.length; i++) {
      if (Arrays.equals(all, i, i + piece.length, piece, 0, piece.length)) {
        return true;
      }
    }
    return false;
  }
}
