package dev.cloister.crypto.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Takes one key, whatever its certificate says besides, and knows no authority, name or date. That
 * the other side has the key, the handshake's signature shows (RFC 8446, section 4.4.3).
 */
final class PinnedTrust extends X509ExtendedTrustManager {
  private final TransportPin pin;

  PinnedTrust(TransportPin pin) {
    this.pin = pin;
  }

  private void check(X509Certificate... chain) throws CertificateException {
    if (chain.length != 1) {
      throw new CertificateException(
          "%d certificates: a node has one; is this another service?".formatted(chain.length));
    }
    var offered = TransportPin.of(chain[0].getPublicKey());
    if (!offered.equals(pin)) {
      throw new CertificateException(
          "the node's key has the pin %s: allowed is %s alone; is its address of today?"
              .formatted(offered.hex(), pin.hex()));
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  private static CertificateException noClients() {
    return new CertificateException("a certificate of a client: nodes ask for none");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyType)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyType, Socket socket)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
