package dev.cloister.core.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.cloister.core.TimeSource;
import java.time.Duration;

/**
 * The nonces that came with one token. The cache drops what is older than the window and nothing
 * else: it has no maximum, at which it would forget whichever nonce it likes; the {@link Room} is
 * asked before one is added. Guarded by the registry, so that the listener runs under its lock.
 */
final class Nonces {
  private final Cache<Bits128, Boolean> seen;
  private final Room room;
  private int held;

  Nonces(Room room, TimeSource time, Duration window) {
    this.room = room;
    this.seen =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .ticker(time::nanoTime)
            .expireAfterWrite(window)
            .removalListener((_, _, _) -> count(-1))
            .build();
  }

  boolean contains(Bits128 nonce) {
    return seen.getIfPresent(nonce) != null;
  }

  void add(Bits128 nonce) {
    seen.put(nonce, true);
    count(1);
  }

  private void count(int change) {
    held += change;
    room.add(change);
  }

  void forgetOld() {
    seen.cleanUp();
  }

  /**
   * Gives the room back; the cache goes with this object, which is not used any more. To empty it
   * one by one would hold the registry up.
   */
  void drop() {
    room.add(-held);
  }
}
