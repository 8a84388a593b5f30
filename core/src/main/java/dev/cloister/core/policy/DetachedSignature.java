package dev.cloister.core.policy;

import dev.cloister.core.Ed25519;
import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Base64;

/**
 * A signature that stands in a file of its own: Ed25519 over every byte of the document as it is,
 * in base64 on one line, in the file whose name is the document's with {@code .sig} after it. It
 * says who signed, not when.
 */
public final class DetachedSignature {
  private static final String SUFFIX = ".sig";

  /** More than base64 of 64 bytes and a line end. */
  private static final int LENGTH_MAX = 100;

  private DetachedSignature() {}

  /**
   * Returns where a document's signature stands.
   *
   * @param document the document
   * @return the file beside it
   */
  public static Path beside(Path document) {
    return document.resolveSibling(document.getFileName() + SUFFIX);
  }

  /**
   * Signs a document as it is now, in place of what was signed before.
   *
   * @param document the document
   * @param key an Ed25519 key of the JDK
   * @throws IOException when the document cannot be read, or the signature not be written
   */
  public static void sign(Path document, PrivateKey key) throws IOException {
    var signature = Ed25519.sign(key, Files.readAllBytes(document));
    Files.writeString(
        beside(document), Base64.getEncoder().encodeToString(signature) + System.lineSeparator());
  }

  /** Returns the bytes of a document's signature. */
  static byte[] read(Path document) throws IOException {
    var file = beside(document);
    try (var in = Files.newInputStream(file)) {
      var text = new String(in.readNBytes(LENGTH_MAX), StandardCharsets.US_ASCII).strip();
      var signature = Base64.getDecoder().decode(text);
      if (signature.length == Ed25519.SIGNATURE_BYTES) {
        return signature;
      }
    } catch (NoSuchFileException _) {
      throw new PolicyRejected(
          String.valueOf(file.getFileName()), "not there: the document has to be signed");
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw new PolicyRejected(
        String.valueOf(file.getFileName()),
        "no signature: allowed is base64 of %d bytes".formatted(Ed25519.SIGNATURE_BYTES));
  }
}
