package dev.cloister.crypto.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;

/**
 * Names the one key that a client takes: a connection through {@link #connecting} is with its owner
 * or with nobody. Where the owner is, and what it may be trusted with, it does not say. Immutable;
 * it is no secret.
 *
 * <p>Source: RFC 7469, section 2.4, written in hex.
 *
 * @param hex the SHA-256 of the key's SubjectPublicKeyInfo, 64 characters of 0-9 and a-f
 */
public record TransportPin(String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /**
   * Checks the text.
   *
   * @throws IllegalArgumentException when it is no such digest
   */
  public TransportPin {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "pin of %d characters: must be 64 of 0-9 and a-f".formatted(hex.length()));
    }
  }

  /** Names a key. */
  static TransportPin of(PublicKey key) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return new TransportPin(HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Makes the client's side of one connection: TLS 1.3 with one cipher, one group and one scheme of
   * signatures, so that all clients look alike; no name, no session that could be resumed, no other
   * certificate than one of the pinned key. Nothing of one connection is in another.
   *
   * @return an engine for one connection, which has not begun; its handshake fails with any other
   *     node
   */
  public SSLEngine connecting() {
    return FixedTls.client(this);
  }
}
