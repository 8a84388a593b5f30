package dev.cloister.core.ledger;

import dev.cloister.core.Description;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A heartbeat as it goes out: one line of JSON, {@code {"payload","signature"}}, both base64.
 * Immutable.
 *
 * @param line the line, without its line feed
 */
public record SignedHeartbeat(String line) {
  /** What every line begins with, and no line of an output does. */
  static final String BEGINNING = "{\"payload\":";

  /** What a line carries: the bytes that were signed, and Ed25519 over them. */
  static final class Parts {
    final byte[] payload;
    final byte[] signature;

    Parts(byte[] payload, byte[] signature) {
      this.payload = payload;
      this.signature = signature;
    }
  }

  static SignedHeartbeat of(byte[] payload, byte[] signature) {
    var base64 = Base64.getEncoder();
    return new SignedHeartbeat(
        BEGINNING
            + "\""
            + base64.encodeToString(payload)
            + "\",\"signature\":\""
            + base64.encodeToString(signature)
            + "\"}");
  }

  /**
   * Returns what the next heartbeat calls {@code previous}.
   *
   * @return SHA-256 of the line without its line feed, in hex
   */
  public String digest() {
    return Description.sha256Hex(line.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a line that anyone may have written. */
  Optional<Parts> parts() {
    try {
      var mapper =
          JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
      var json = mapper.readTree(line);
      var base64 = Base64.getDecoder();
      return Optional.of(
          new Parts(
              base64.decode(json.required("payload").stringValue()),
              base64.decode(json.required("signature").stringValue())));
    } catch (JacksonException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
