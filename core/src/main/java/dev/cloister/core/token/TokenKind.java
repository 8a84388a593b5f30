package dev.cloister.core.token;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * What a token is for. The hash of a token covers its kind, so that the hash of one kind is never
 * that of another, whatever the bytes.
 */
enum TokenKind {
  INVOCATION("dev.cloister.core.token/invocation\0"),
  SHUTDOWN("dev.cloister.core.token/shutdown\0");

  private final String domain;

  TokenKind(String domain) {
    this.domain = domain;
  }

  static TokenKind with(Right right) {
    return right == Right.SHUTDOWN ? SHUTDOWN : INVOCATION;
  }

  /** SHA-256 (FIPS 180-4) of the kind and the token's bytes, which have one length. */
  byte[] hash(byte[] token) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(domain.getBytes(US_ASCII));
      return digest.digest(token);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no SHA-256, which every JDK has", e);
    }
  }
}
