package dev.cloister.sandbox.host;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Token;
import dev.cloister.core.token.TokenRegistry;
import java.security.SecureRandom;

/**
 * A token as it is shown to a host, with a nonce that makes this showing the only one of its kind:
 * the same bytes are refused the second time. Holds the token's bytes; not for keeping.
 */
public final class Shown {
  private final byte[] token;
  private final byte[] nonce;

  private Shown(byte[] token, byte[] nonce) {
    this.token = token;
    this.nonce = nonce;
  }

  /**
   * Takes what came over a wire.
   *
   * @param token any bytes
   * @param nonce any bytes
   * @return a showing, which may be of nothing
   */
  public static Shown of(byte[] token, byte[] nonce) {
    return new Shown(token.clone(), nonce.clone());
  }

  /**
   * Shows a token now.
   *
   * @param token that the caller holds
   * @return a showing with a nonce of its own
   */
  public static Shown now(Token token) {
    var nonce = new byte[TokenRegistry.NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    return new Shown(token.use(SecretAccess.granted(), byte[]::clone), nonce);
  }

  byte[] token() {
    return token;
  }

  byte[] nonce() {
    return nonce;
  }
}
