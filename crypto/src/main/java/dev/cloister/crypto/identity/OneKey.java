package dev.cloister.crypto.identity;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretAccess;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Lends a node's key to the JDK for one handshake at a time: the JDK's copy lives as long as the
 * handshake, and until the heap is collected. A key that is gone is not there: the handshake fails.
 */
final class OneKey extends X509ExtendedKeyManager {
  private static final String ALIAS = "node";

  /** How the JDK names keys of Ed25519 to key managers. */
  private static final String KEY_TYPE = "EdDSA";

  private final EphemeralKey key;
  private final X509Certificate certificate;

  OneKey(EphemeralKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return chosen(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return chosen(keyType);
  }

  private static @Nullable String chosen(String keyType) {
    return keyType.equals(KEY_TYPE) ? ALIAS : null;
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return new X509Certificate[] {certificate};
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    try {
      return key.use(SecretAccess.granted(), OneKey::privateKey);
    } catch (ContextDestroyed _) {
      return null;
    }
  }

  private static PrivateKey privateKey(byte[] raw) {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, raw.clone()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
