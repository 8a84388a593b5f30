package dev.cloister.core.token;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretAccess;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A right that whoever knows its {@value #BYTES} bytes can use, on its way between the registry and
 * its holder; it does not say its bytes unless {@link #use} asks for them. They lie on the heap
 * until {@link #close} zeroes them, and are worth what the heap's protection is worth.
 *
 * <p>Shape: {@value #IDENTIFIER_BYTES} random bytes by which the registry finds the token, which
 * need not be secret, then {@value #SECRET_BYTES} random bytes that are. Safe for use by many
 * threads.
 */
public abstract sealed class Token implements AutoCloseable permits InvocationToken, ShutdownToken {
  static final int IDENTIFIER_BYTES = 16;
  static final int SECRET_BYTES = 32;

  /** How long every token is. */
  public static final int BYTES = IDENTIFIER_BYTES + SECRET_BYTES;

  /** Guarded by this, as is the next. */
  private final byte[] bytes;

  private boolean destroyed;

  /** Copies the bytes, and zeroes the original. */
  Token(byte[] original) {
    if (original.length != BYTES) {
      throw new IllegalArgumentException(
          "token of " + original.length + " bytes: must be exactly " + BYTES);
    }
    this.bytes = original.clone();
    Arrays.fill(original, (byte) 0);
  }

  /**
   * Lends the token's bytes, to write them to the wire or a file: copies them, calls, and zeroes
   * the copy.
   *
   * @param access the right to see them
   * @param use what to do with them; it must not keep the array
   * @param <T> what it makes
   * @return what {@code use} returned
   * @throws ContextDestroyed when the token was closed
   */
  public <T> T use(SecretAccess access, Function<byte[], T> use) {
    var copy = copied();
    try {
      return use.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  private synchronized byte[] copied() {
    if (destroyed) {
      throw new ContextDestroyed("this copy of a token");
    }
    return bytes.clone();
  }

  /**
   * Tells whether these bytes are gone.
   *
   * @return whether every further use would throw
   */
  public synchronized boolean isDestroyed() {
    return destroyed;
  }

  /**
   * Zeroes this copy; the right itself lives on at the registry, and in other copies. A second call
   * does nothing.
   */
  @Override
  public synchronized void close() {
    destroyed = true;
    Arrays.fill(bytes, (byte) 0);
  }

  /**
   * Says what kind of token it is, and nothing more.
   *
   * @return such as {@code InvocationToken[48 bytes]}
   */
  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + BYTES + " bytes]";
  }
}
