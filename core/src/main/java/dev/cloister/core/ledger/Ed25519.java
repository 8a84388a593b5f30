package dev.cloister.core.ledger;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Optional;

/** Ed25519 over raw 32-byte public keys; RFC 8032, with the encoding of RFC 8410. */
final class Ed25519 {
  /** SubjectPublicKeyInfo up to the key's own bytes. */
  private static final String PREFIX = "302a300506032b6570032100";

  /** Checks a signature; tests of ten thousand chains remember what they checked before. */
  interface Check {
    /** Tells whether the key signed the message. */
    boolean verifies(String publicKeyHex, byte[] message, byte[] signature);
  }

  private Ed25519() {}

  /** Verifies; anything malformed is no signature. */
  static boolean verifies(String publicKeyHex, byte[] message, byte[] signature) {
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
}
