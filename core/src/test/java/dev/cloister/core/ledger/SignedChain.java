package dev.cloister.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.ledger.Heartbeat.Birth;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** A chain whose key the test holds, so that it can sign what no context would. */
final class SignedChain {
  private final KeyPair pair;
  private final HeartbeatChain chain;

  private SignedChain(KeyPair pair) {
    this.pair = pair;
    var zeros = "0".repeat(64);
    this.chain =
        new HeartbeatChain(
            this::sign, new Birth(publicKey(), zeros, zeros, "0".repeat(32)), Instant.EPOCH);
  }

  static SignedChain withOwnKey() {
    try {
      return new SignedChain(KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins anew with the same key, as a machine does that was set back to a snapshot. */
  SignedChain again() {
    return new SignedChain(pair);
  }

  String publicKey() {
    var encoded = pair.getPublic().getEncoded();
    return HexFormat.of()
        .formatHex(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  byte[] sign(byte[] payload) {
    try {
      var signature = Signature.getInstance("Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(payload);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  SignedChain output(String lines) {
    chain.output(lines.getBytes(UTF_8), lines.lines().count());
    return this;
  }

  String next(Event event) {
    return chain.next(event, Instant.EPOCH, Map.of("lines", 1L)).line();
  }
}
