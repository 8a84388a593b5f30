package dev.cloister.tor.onion;

import dev.cloister.tor.OnionKey;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.util.HexFormat;

/**
 * A pair of X25519 keys of one client of one service: the service's tor gets the public half
 * ({@code NewOnion.client}), the client's tor the secret half ({@code OnionCommands.authorize}),
 * and without it nobody reads the service's descriptor. The JDK's own copies of the secret half lie
 * on the heap until they are collected. Immutable but for closing.
 *
 * <p>Source: rend-spec-v3, section 2.5.1.1 and appendix G; RFC 7748, section 5.
 */
public final class OnionClientKey implements AutoCloseable {
  private static final int KEY_BYTES = 32;

  private final byte[] publicKey;
  private final OnionKey secret;

  private OnionClientKey(byte[] publicKey, OnionKey secret) {
    this.publicKey = publicKey;
    this.secret = secret;
  }

  /**
   * Makes a pair.
   *
   * @return a new one each time
   */
  public static OnionClientKey generate() {
    try {
      var pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
      var scalar = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
      var publicKey = littleEndian(((XECPublicKey) pair.getPublic()).getU().toByteArray());
      return new OnionClientKey(publicKey, OnionKey.of(OnionKey.Kind.CLIENT, scalar));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has X25519", e);
    }
  }

  /** Turns a number around, which may begin with a zero byte for its sign, or be short. */
  private static byte[] littleEndian(byte[] number) {
    var turned = new byte[KEY_BYTES];
    for (var i = 0; i < Math.min(KEY_BYTES, number.length); i++) {
      turned[i] = number[number.length - 1 - i];
    }
    return turned;
  }

  /**
   * Returns what the service is told.
   *
   * @return a copy, 32 bytes
   */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Returns what the client's tor is told.
   *
   * @return a key that closes with this
   */
  public OnionKey secret() {
    return secret;
  }

  /** Zeroes the secret half; tor keeps its own. A second call does nothing. */
  @Override
  public void close() {
    secret.close();
  }

  /**
   * Shows the public half alone.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "OnionClientKey[" + HexFormat.of().formatHex(publicKey) + "]";
  }
}
