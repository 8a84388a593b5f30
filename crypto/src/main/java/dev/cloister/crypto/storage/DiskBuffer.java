package dev.cloister.crypto.storage;

import java.nio.ByteBuffer;

/**
 * A stored block twice: on the heap, where ciphers are fast, and aligned off it, where devices read
 * and write. For one thread at a time.
 */
final class DiskBuffer {
  final byte[] block;
  private final ByteBuffer aligned;

  DiskBuffer(int blockBytes) {
    block = new byte[blockBytes];
    aligned =
        ByteBuffer.allocateDirect(blockBytes + SpillPlan.PAGE_BYTES)
            .alignedSlice(SpillPlan.PAGE_BYTES)
            .limit(blockBytes)
            .slice();
  }

  /** Returns the block, where it is written from. */
  ByteBuffer toWrite() {
    return aligned.clear().put(block).flip();
  }

  /** Returns where a block is read to. */
  ByteBuffer toRead() {
    return aligned.clear();
  }

  /** Takes over the block that was read. */
  void wasRead() {
    aligned.clear().get(block);
  }
}
