package dev.cloister.crypto.identity;

import dev.cloister.core.Ed25519;
import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * The certificate that TLS asks for around a key. It says nothing besides the key: serial number,
 * names and validity are those of every node (RFC 5280, section 4.1, in DER; RFC 8410).
 */
final class FixedCertificate {
  /** The algorithm identifier of Ed25519, 1.3.101.112. */
  private static final String ALGORITHM = "300506032b6570";

  /** The name {@code CN=node}, since the JDK reads no certificate without one. */
  private static final String NAME = "300f310d300b06035504030c046e6f6465";

  /** From 1970-01-01 to 9999-12-31T23:59:59Z, which means without end (section 4.1.2.5). */
  private static final String VALIDITY =
      "3020" + "170d3730303130313030303030305a" + "180f39393939313233313233353935395a";

  /**
   * All that is signed, but the key: version 3, serial number 1, the fields, and the key's frame.
   */
  private static final String SIGNED =
      "307f"
          + "a003020102"
          + "020101"
          + ALGORITHM
          + NAME
          + VALIDITY
          + NAME
          + "302a"
          + ALGORITHM
          + "032100";

  private static final String CERTIFICATE = "3081cb";
  private static final String SIGNATURE = ALGORITHM + "034100";

  private FixedCertificate() {}

  static X509Certificate of(KeyPair pair) {
    var signed = SIGNED + Ed25519.hex(pair.getPublic());
    var hex = HexFormat.of();
    var signature = Ed25519.sign(pair.getPrivate(), hex.parseHex(signed));
    var encoded = CERTIFICATE + signed + SIGNATURE + hex.formatHex(signature);
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(hex.parseHex(encoded)));
    } catch (CertificateException e) {
      throw new IllegalStateException("every JDK reads certificates of Ed25519", e);
    }
  }
}
