package dev.cloister.core;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Ed25519 over raw 32-byte public keys: what verifies was signed by the key's owner. Which key is
 * whose it does not know. Sources: RFC 8032, with the encoding of RFC 8410; the JDK's own
 * implementation does the work.
 */
public final class Ed25519 {
  /** A signature's length. */
  public static final int SIGNATURE_BYTES = 64;

  /** SubjectPublicKeyInfo up to the key's own bytes. */
  private static final String PREFIX = "302a300506032b6570032100";

  private Ed25519() {}

  /**
   * Verifies; anything malformed is no signature.
   *
   * @param publicKeyHex 32 bytes in hex
   * @param message what was signed
   * @param signature 64 bytes
   * @return whether the key signed the message
   */
  public static boolean verifies(String publicKeyHex, byte[] message, byte[] signature) {
    return publicKey(publicKeyHex).map(key -> verifies(key, message, signature)).orElse(false);
  }

  private static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    try {
      var verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static Optional<PublicKey> publicKey(String hex) {
    try {
      var spec = new X509EncodedKeySpec(HexFormat.of().parseHex(PREFIX + hex));
      return Optional.of(KeyFactory.getInstance("Ed25519").generatePublic(spec));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /**
   * Signs.
   *
   * @param key an Ed25519 key of the JDK
   * @param message what to sign
   * @return 64 bytes
   * @throws IllegalArgumentException when it is a key of another kind
   */
  public static byte[] sign(PrivateKey key, byte[] message) {
    try {
      var signer = Signature.getInstance("Ed25519");
      signer.initSign(key);
      signer.update(message);
      return signer.sign();
    } catch (InvalidKeyException e) {
      throw new IllegalArgumentException(
          "private key of " + key.getAlgorithm() + ": must be one of Ed25519", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  /**
   * Returns a public key as this library writes it.
   *
   * @param key an Ed25519 key of the JDK
   * @return 32 bytes in hex
   * @throws IllegalArgumentException when it is a key of another kind
   */
  public static String hex(PublicKey key) {
    var encoded = HexFormat.of().formatHex(key.getEncoded());
    if (!encoded.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "public key of " + key.getAlgorithm() + ": must be one of Ed25519");
    }
    return encoded.substring(PREFIX.length());
  }
}
