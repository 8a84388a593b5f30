package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;

/**
 * How a block is written to disk; safe for use by many threads. A block is {@code blockBytes} long:
 * a header, what is stored, a tag; the header says in clear which store, segment and place the
 * block belongs to.
 */
sealed interface BlockCodec permits SealedBlocks, PlainBlocks {
  /** What a block's header and tag take. */
  int OVERHEAD_BYTES = SealedBlocks.HEADER_BYTES + SealedBlocks.TAG_BYTES;

  /**
   * Writes a block.
   *
   * @param key the segment's
   * @param place which block this is
   * @param payload what is stored, {@code stored.length - OVERHEAD_BYTES} bytes
   * @param stored takes the block
   */
  void write(EphemeralKey key, Place place, byte[] payload, byte[] stored);

  /**
   * Reads a block.
   *
   * @param key the segment's
   * @param place which block this must be
   * @param stored the block
   * @param payload takes what is stored
   * @throws BlockDamaged when it is another block, or not what was written
   */
  void read(EphemeralKey key, Place place, byte[] stored, byte[] payload) throws BlockDamaged;

  /** Makes the first real block as fast as those that follow. */
  void warmUp();

  /**
   * Names a block.
   *
   * @param store the store's random number
   * @param segment the segment's number
   * @param index the block's number in its segment
   */
  record Place(long store, long segment, int index) {}
}
