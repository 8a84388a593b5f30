package dev.cloister.tor.socks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Which streams may share a circuit: those of equal isolation, and no others. That two exits are
 * not run by one operator, it cannot say. Tor takes it as a user and a password, and lets in
 * whatever they are (tor(1), IsolateSOCKSAuth; Tor's socks-extensions, "Extended authentication").
 * Immutable; the text says neither user nor password.
 */
public final class Isolation {
  /** The longest user, and the longest password (RFC 1929). */
  public static final int BYTES_MAX = 255;

  /** What begins a user that tor would read otherwise than as a name. */
  private static final String RESERVED = "<torS0X>";

  private static final int FRESH_BYTES = 16;
  private static final Isolation NONE = new Isolation(new byte[0], new byte[0]);

  private final byte[] user;
  private final byte[] password;

  private Isolation(byte[] user, byte[] password) {
    this.user = user;
    this.password = password;
  }

  /**
   * Keeps nothing apart: one for all streams that have no isolation of their own.
   *
   * @return always the same
   */
  public static Isolation none() {
    return NONE;
  }

  /**
   * Keeps streams of one user and password together, apart from all others.
   *
   * @param user 1 to 255 bytes as UTF-8, not one of those that Tor reserves
   * @param password 1 to 255 bytes as UTF-8
   * @return the isolation
   */
  public static Isolation named(String user, String password) {
    if (user.startsWith(RESERVED)) {
      throw new IllegalArgumentException("user with the prefix " + RESERVED + ": Tor reserves it");
    }
    return new Isolation(bounded("user", user), bounded("password", password));
  }

  /**
   * Keeps streams apart from all others that ever were.
   *
   * @param random what nobody foresees, such as a {@code SecureRandom}
   * @return one of its own for each call
   */
  public static Isolation fresh(RandomGenerator random) {
    var bytes = new byte[FRESH_BYTES];
    random.nextBytes(bytes);
    return named("fresh", HexFormat.of().formatHex(bytes));
  }

  private static byte[] bounded(String what, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          "%s of %d bytes: allowed are 1 to %d".formatted(what, bytes.length, BYTES_MAX));
    }
    return bytes;
  }

  boolean isNone() {
    return user.length == 0;
  }

  /**
   * Returns the user, for implementations of {@link TorStreams}.
   *
   * @return a copy; empty when there is no isolation
   */
  public byte[] user() {
    return user.clone();
  }

  /**
   * Returns the password, for implementations of {@link TorStreams}.
   *
   * @return a copy; empty when there is no isolation
   */
  public byte[] password() {
    return password.clone();
  }

  /** Compares both, in a time that says nothing of where they differ. */
  boolean matches(byte[] someUser, byte[] somePassword) {
    var sameUser = MessageDigest.isEqual(user, someUser);
    return MessageDigest.isEqual(password, somePassword) && sameUser;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Isolation that && matches(that.user, that.password);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(user) + Arrays.hashCode(password);
  }

  /**
   * Tells whether there is any.
   *
   * @return neither user nor password
   */
  @Override
  public String toString() {
    return isNone() ? "Isolation[none]" : "Isolation[of its own]";
  }
}
