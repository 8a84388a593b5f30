package dev.cloister.core.key;

import dev.cloister.core.ContextDestroyed;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A key that exists in one place, a {@link SecretMemory}, and is zeroed there when it is destroyed.
 * What it does not guarantee: copies that were taken out of it, by {@link #use} and by the ciphers
 * of the JDK, lie on the heap until the collector overwrites them; so the heap must be unswappable
 * and undumpable.
 *
 * <p>Safe for use by many threads. After {@link #close} every use throws {@link ContextDestroyed}.
 */
public final class EphemeralKey implements AutoCloseable {
  private final SecretMemory memory;
  private final int slot;
  private final int sizeBytes;

  EphemeralKey(SecretMemory memory, int slot, int sizeBytes) {
    this.memory = memory;
    this.slot = slot;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Returns the key's length.
   *
   * @return bytes
   */
  public int sizeBytes() {
    return sizeBytes;
  }

  /**
   * Lends the key's bytes: copies them to the heap, calls, and zeroes the copy.
   *
   * @param access the right to see them
   * @param use what to do with them; it must not keep the array
   * @param <T> what it makes
   * @return what {@code use} returned
   * @throws ContextDestroyed when the key is gone
   */
  public <T> T use(SecretAccess access, Function<byte[], T> use) {
    var copy = new byte[sizeBytes];
    try {
      if (!memory.read(this, slot, copy)) {
        throw new ContextDestroyed("a " + sizeBytes + "-byte key");
      }
      return use.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  /**
   * Tells whether the key is gone.
   *
   * @return whether every further use would throw
   */
  public boolean isDestroyed() {
    return !memory.holds(this, slot);
  }

  /** Zeroes the key where it lies; a second call does nothing. */
  @Override
  public void close() {
    memory.free(this, slot, sizeBytes);
  }

  /**
   * Says how long the key is, and nothing more.
   *
   * @return such as {@code EphemeralKey[32 bytes]}
   */
  @Override
  public String toString() {
    return "EphemeralKey[" + sizeBytes + " bytes]";
  }
}
