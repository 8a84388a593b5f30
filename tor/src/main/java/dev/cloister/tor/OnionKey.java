package dev.cloister.tor;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretAccess;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Function;

/**
 * A secret key of an onion service or of one of its clients; it does not say its bytes unless
 * {@link #use} asks for them. They lie on the heap until {@link #close} zeroes them, and tor has
 * them too. Safe for use by many threads.
 */
public final class OnionKey implements AutoCloseable {
  private final Kind kind;

  /** Guarded by this, as is the next. */
  private final byte[] bytes;

  private boolean destroyed;

  /** What a key is for, and how many bytes it has. */
  public enum Kind {
    /** A service's expanded Ed25519 key: the scalar, then the prefix (rend-spec-v3, appendix A). */
    SERVICE("ED25519-V3", 64),
    /** A client's X25519 key, by which it reads descriptors of services that ask for one. */
    CLIENT("x25519", 32);

    private final String torName;
    private final int length;

    Kind(String torName, int length) {
      this.torName = torName;
      this.length = length;
    }

    /**
     * Names the kind as the control protocol does.
     *
     * @return what stands before a key's colon
     */
    public String torName() {
      return torName;
    }
  }

  private OnionKey(Kind kind, byte[] bytes) {
    this.kind = kind;
    this.bytes = bytes;
  }

  /**
   * Takes a key.
   *
   * @param kind what it is for
   * @param bytes as many as the kind has; copied, and zeroed here
   * @return the key
   */
  public static OnionKey of(Kind kind, byte[] bytes) {
    if (bytes.length != kind.length) {
      throw new IllegalArgumentException(
          "%s key of %d bytes: must be %d".formatted(kind.torName, bytes.length, kind.length));
    }
    var key = new OnionKey(kind, bytes.clone());
    Arrays.fill(bytes, (byte) 0);
    return key;
  }

  /**
   * Reads a key as tor writes it.
   *
   * @param kind what it is for
   * @param base64 with padding or without
   * @return the key
   * @throws IllegalArgumentException when it is none; the message does not say it
   */
  public static OnionKey parse(Kind kind, String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(
          kind.torName + " key of " + base64.length() + " characters: must be base64");
    }
    return of(kind, bytes);
  }

  /**
   * Tells what the key is for.
   *
   * @return its kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * Lends the key's bytes: copies them, calls, and zeroes the copy.
   *
   * @param access the right to see them
   * @param use what to do with them; it must not keep the array
   * @param <T> what it makes
   * @return what {@code use} returned
   * @throws ContextDestroyed when the key was closed
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
      throw new ContextDestroyed("this copy of an onion key");
    }
    return bytes.clone();
  }

  /** Zeroes the bytes; tor keeps its own. A second call does nothing. */
  @Override
  public synchronized void close() {
    destroyed = true;
    Arrays.fill(bytes, (byte) 0);
  }

  /** Compares in constant time. */
  @Override
  public boolean equals(Object other) {
    return other instanceof OnionKey that
        && kind == that.kind
        && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return kind.hashCode();
  }

  /**
   * Names the kind alone.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "OnionKey[" + kind.torName + "]";
  }
}
