package dev.cloister.core.context;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretAccess;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Who a context is: a key pair that signs and a key pair to seal boxes to, born at the seal and
 * dead with it. The private halves rest in the context's protected memory; the JDK's signer copies
 * one to the heap for each signature.
 *
 * <p>Safe for use by many threads. Sources: Ed25519 of RFC 8032, X25519 of RFC 7748.
 */
public final class Identity {
  private static final int KEY_BYTES = 32;

  private final EphemeralKey signing;
  private final String publicKey;
  private final EphemeralKey agreement;
  private final String agreementKey;

  private Identity(
      EphemeralKey signing, String publicKey, EphemeralKey agreement, String agreementKey) {
    this.signing = signing;
    this.publicKey = publicKey;
    this.agreement = agreement;
    this.agreementKey = agreementKey;
  }

  /** Makes both pairs; what the key generator leaves on the heap is not zeroed. */
  static Identity bornIn(KeyRing keys) {
    var signing = new Pair("Ed25519");
    var agreement = new Pair("X25519");
    return new Identity(
        keys.keep(signing.privateKey),
        signing.publicKey,
        keys.keep(agreement.privateKey),
        agreement.publicKey);
  }

  /** A new pair, as raw bytes: both encodings end with them. */
  private static final class Pair {
    final byte[] privateKey;
    final String publicKey;

    Pair(String algorithm) {
      try {
        var pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        this.privateKey = tail(pair.getPrivate().getEncoded());
        this.publicKey = HexFormat.of().formatHex(tail(pair.getPublic().getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has " + algorithm, e);
      }
    }

    private static byte[] tail(byte[] encoded) {
      var raw = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
      Arrays.fill(encoded, (byte) 0);
      return raw;
    }
  }

  /**
   * Returns the key that verifies what this context signs.
   *
   * @return an Ed25519 public key, 32 bytes in hex
   */
  public String publicKey() {
    return publicKey;
  }

  /**
   * Returns the key to seal boxes to.
   *
   * @return an X25519 public key, 32 bytes in hex
   */
  public String agreementKey() {
    return agreementKey;
  }

  /**
   * Returns the private half of {@link #agreementKey()}.
   *
   * @return a key that the context destroys
   */
  public EphemeralKey agreement() {
    return agreement;
  }

  /**
   * Signs.
   *
   * @param message what to sign
   * @return an Ed25519 signature, 64 bytes
   * @throws ContextDestroyed after the context has closed
   */
  public byte[] sign(byte[] message) {
    return signing.use(SecretAccess.granted(), key -> sign(key, message));
  }

  private static byte[] sign(byte[] privateKey, byte[] message) {
    try {
      var key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(
                  new EdECPrivateKeySpec(NamedParameterSpec.ED25519, privateKey.clone()));
      var signer = Signature.getInstance("Ed25519");
      signer.initSign(key);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  /**
   * Shows the public half.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "Identity[" + publicKey + "]";
  }
}
