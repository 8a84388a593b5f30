package dev.cloister.crypto.identity;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECPrivateKey;
import javax.net.ssl.SSLEngine;

/**
 * Who a node is to its clients: a key that is born here and never leaves, and the pin that names
 * it. That the JDK leaves no copy of it on the heap, it does not say: there is one for each
 * handshake, until it is collected, and one from the key's making. Safe for use by many threads.
 *
 * <p>The key is of Ed25519, which the JDK's TLS 1.3 takes on both sides: a signature asks for no
 * random number whose repetition would betray the key, and the certificate has one fixed shape. A
 * handshake costs a node about a millisecond for it, three times what P-256 would.
 *
 * <p>Sources: RFC 8446, RFC 8032.
 */
public final class TransportIdentity implements AutoCloseable {
  private final EphemeralKey key;
  private final X509Certificate certificate;
  private final TransportPin pin;

  private TransportIdentity(EphemeralKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
    this.pin = TransportPin.of(certificate.getPublicKey());
  }

  /**
   * Makes an identity.
   *
   * @param memory where its key rests, 32 bytes; the caller closes it, and the identity is gone
   *     then
   * @return a new one each time
   * @throws IllegalStateException when there is no room for the key
   * @throws dev.cloister.core.ContextDestroyed when the memory is closed
   */
  public static TransportIdentity bornIn(SecretMemory memory) {
    var pair = pair();
    var certificate = FixedCertificate.of(pair);
    var raw = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    return new TransportIdentity(memory.keep(raw), certificate);
  }

  private static KeyPair pair() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  /**
   * Returns what names the key to clients.
   *
   * @return the same at every call
   */
  public TransportPin pin() {
    return pin;
  }

  /**
   * Makes the node's side of one connection: TLS 1.3 as {@link TransportPin#connecting} speaks it.
   * It asks for no certificate, and hands out nothing by which a session could be resumed.
   *
   * @return an engine for one connection, which has not begun; its handshake fails when this is
   *     closed before
   */
  public SSLEngine accepting() {
    return FixedTls.server(new OneKey(key, certificate));
  }

  /** Destroys the key: nobody is accepted any more. A second call does nothing. */
  @Override
  public void close() {
    key.close();
  }

  /**
   * Shows the pin alone.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "TransportIdentity[" + pin.hex() + "]";
  }
}
