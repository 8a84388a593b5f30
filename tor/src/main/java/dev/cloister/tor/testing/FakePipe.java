package dev.cloister.tor.testing;

import java.nio.ByteBuffer;

/** Bytes of one direction of a stream, no more than some. Guarded by the world's lock. */
final class FakePipe {
  /** What is written and not read yet; a writer waits for room. */
  static final int BYTES = 1 << 16;

  /** Ready to be filled. */
  private final ByteBuffer held = ByteBuffer.allocate(BYTES);

  private boolean hasEnded;

  /** Takes what fits. */
  int write(ByteBuffer from) {
    var count = Math.min(from.remaining(), held.remaining());
    held.put(from.slice().limit(count));
    from.position(from.position() + count);
    return count;
  }

  /** Gives what there is; -1 when there is none and none will come. */
  int read(ByteBuffer into) {
    held.flip();
    var count = Math.min(into.remaining(), held.remaining());
    into.put(held.slice().limit(count));
    held.position(count);
    held.compact();
    return count == 0 && hasEnded ? -1 : count;
  }

  void end() {
    hasEnded = true;
  }

  boolean hasEnded() {
    return hasEnded;
  }
}
