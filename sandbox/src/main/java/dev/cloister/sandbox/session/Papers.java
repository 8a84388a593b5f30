package dev.cloister.sandbox.session;

import dev.cloister.core.Ed25519;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.Document;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Documents on their way: the very bytes that their author wrote, with the signature over them
 * where there is one.
 */
final class Papers {
  private static final int KEY_BYTES = 32;

  private Papers() {}

  static Body write(Document document) {
    var bytes = document.bytes();
    var body = new Body(bytes.length + 1 + 1 + KEY_BYTES + Ed25519.SIGNATURE_BYTES);
    body.truth(document.isJson()).truth(document.signature().isPresent());
    if (document.signature().isPresent()) {
      body.hex(document.signer().orElseThrow()).bytes(document.signature().get());
    }
    return body.bytes(bytes);
  }

  /**
   * Reads a document.
   *
   * @param name what errors call it, without an ending
   * @param mustSign the key that must have signed it; otherwise the one that it comes with
   * @throws PolicyRejected when it is none, or not signed as it must be
   */
  static Document read(Fields in, String name, Optional<String> mustSign) throws Broken {
    var file = name + (in.truth() ? ".json" : ".yaml");
    if (!in.truth()) {
      var bytes = in.rest();
      if (mustSign.isPresent()) {
        throw new PolicyRejected(
            file, "not signed: it must be by key %s".formatted(mustSign.get()));
      }
      return Document.parse(file, bytes);
    }
    var key = in.bytes(KEY_BYTES);
    var signature = in.bytes(Ed25519.SIGNATURE_BYTES);
    return Document.parse(
        file, in.rest(), signature, mustSign.orElseGet(() -> HexFormat.of().formatHex(key)));
  }
}
