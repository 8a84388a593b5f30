package dev.cloister.core.context;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.key.SecretMemory;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.XECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both pairs, used from the outside by their public halves alone. */
final class IdentityTest {
  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);
  private final Identity identity = Identity.bornIn(keys);

  @AfterEach
  void destroyTheKeys() {
    keys.close();
  }

  /** RFC 7748, section 5, and RFC 8032, section 5.1.2: little-endian, without the top bit. */
  private static BigInteger number(byte[] littleEndian) {
    var reversed = new byte[32];
    for (var i = 0; i < 32; i++) {
      reversed[i] = littleEndian[31 - i];
    }
    reversed[0] &= 0x7f;
    return new BigInteger(1, reversed);
  }

  @Test
  void whatItSignsThePublicKeyVerifies() throws GeneralSecurityException {
    var encoded = HexFormat.of().parseHex(identity.publicKey());
    var publicKey =
        KeyFactory.getInstance("Ed25519")
            .generatePublic(
                new EdECPublicKeySpec(
                    NamedParameterSpec.ED25519, new EdECPoint(encoded[31] < 0, number(encoded))));
    var message = "a heartbeat".getBytes(UTF_8);
    var signature = identity.sign(message);
    assertThat(signature).hasSize(64);
    assertThat(verifies(publicKey, message, signature)).isTrue();
    message[0] ^= 1;
    assertThat(verifies(publicKey, message, signature)).isFalse();
  }

  private static boolean verifies(PublicKey key, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    var verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(key);
    verifier.update(message);
    return verifier.verify(signature);
  }

  @Test
  void whatIsAgreedWithItsPublicKeyItsPrivateHalfAgreesOnToo() throws GeneralSecurityException {
    var factory = KeyFactory.getInstance("X25519");
    var own =
        factory.generatePublic(
            new XECPublicKeySpec(
                NamedParameterSpec.X25519,
                number(HexFormat.of().parseHex(identity.agreementKey()))));
    var other = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    var theirs = agree(other.getPrivate(), own);
    var ours =
        identity
            .agreement()
            .use(SecretAccess.granted(), bytes -> agreeWith(bytes.clone(), other.getPublic()));
    assertThat(ours).isEqualTo(theirs);
    assertThat(own).isInstanceOf(XECPublicKey.class);
  }

  private static byte[] agreeWith(byte[] privateKey, PublicKey other) {
    try {
      var key =
          KeyFactory.getInstance("X25519")
              .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey));
      return agree(key, other);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] agree(PrivateKey own, PublicKey other) throws GeneralSecurityException {
    var agreement = KeyAgreement.getInstance("X25519");
    agreement.init(own);
    agreement.doPhase(other, true);
    return agreement.generateSecret();
  }

  @Test
  void noTwoAreAlike() {
    var other = Identity.bornIn(keys);
    assertThat(other.publicKey()).isNotEqualTo(identity.publicKey());
    assertThat(other.agreementKey()).isNotEqualTo(identity.agreementKey());
    assertThat(identity.publicKey()).matches("[0-9a-f]{64}");
    assertThat(identity.agreementKey()).matches("[0-9a-f]{64}");
  }

  @Test
  void withTheKeysItCannotSignAndStillNamesItself() {
    keys.close();
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> identity.sign(new byte[1]));
    assertThat(identity.agreement().isDestroyed()).isTrue();
    assertThat(identity).hasToString("Identity[" + identity.publicKey() + "]");
  }
}
