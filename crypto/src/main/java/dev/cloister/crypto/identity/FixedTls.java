package dev.cloister.crypto.identity;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;

/**
 * The one form of TLS that nodes and clients speak. Each connection has a context of its own, which
 * costs some 20 µs: so there is no cache by which two could be told to be of one client.
 */
final class FixedTls {
  private static final String PROTOCOL = "TLSv1.3";

  /** Not whichever provider the application put first. */
  private static final String PROVIDER = "SunJSSE";

  private static final String CIPHER = "TLS_AES_256_GCM_SHA384";
  private static final String GROUP = "x25519";
  private static final String SIGNATURES = "ed25519";

  private FixedTls() {}

  static SSLEngine client(TransportPin pin) {
    return engine(context(new KeyManager[0], new TrustManager[] {new PinnedTrust(pin)}), true);
  }

  static SSLEngine server(KeyManager key) {
    // Without a trust manager it would take those of the system; with none of them, it takes
    // nobody.
    var context = context(new KeyManager[] {key}, new TrustManager[0]);
    // A ticket lives for seven days at most (RFC 8446, section 4.6.1): the JDK makes none for a
    // longer session, and has no other switch that is not the whole process's.
    context.getServerSessionContext().setSessionTimeout(Integer.MAX_VALUE);
    return engine(context, false);
  }

  private static SSLContext context(KeyManager[] keys, TrustManager[] trust) {
    try {
      var context = SSLContext.getInstance(PROTOCOL, PROVIDER);
      context.init(keys, trust, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS 1.3", e);
    }
  }

  private static SSLEngine engine(SSLContext context, boolean isClient) {
    var engine = context.createSSLEngine();
    engine.setUseClientMode(isClient);
    var parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {PROTOCOL});
    parameters.setCipherSuites(new String[] {CIPHER});
    parameters.setNamedGroups(new String[] {GROUP});
    parameters.setSignatureSchemes(new String[] {SIGNATURES});
    engine.setSSLParameters(parameters);
    return engine;
  }
}
