package dev.cloister.tor.onion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretAccess;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;

final class OnionClientKeyTest {
  /** RFC 7748, section 6.1. */
  private static final BigInteger BASE = BigInteger.valueOf(9);

  private static byte[] timesBase(byte[] scalar) {
    try {
      var keys = KeyFactory.getInstance("X25519");
      var agreement = KeyAgreement.getInstance("X25519");
      agreement.init(
          keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar.clone())));
      agreement.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE)), true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** One of 128 ends with a zero byte, which a number in Java has not. */
  @Test
  void thePublicHalfIsTheSecretTimesTheBasePointInThirtyTwoBytes() {
    for (var i = 0; i < 1000; i++) {
      try (var key = OnionClientKey.generate()) {
        assertThat(key.publicKey())
            .isEqualTo(key.secret().use(SecretAccess.granted(), OnionClientKeyTest::timesBase));
      }
    }
  }

  @Test
  void itsTextIsThePublicHalfAndItsSecretDiesWithIt() {
    var key = OnionClientKey.generate();
    assertThat(key)
        .hasToString("OnionClientKey[" + HexFormat.of().formatHex(key.publicKey()) + "]");
    key.close();
    assertThatThrownBy(() -> key.secret().use(SecretAccess.granted(), byte[]::clone))
        .isInstanceOf(ContextDestroyed.class);
  }
}
