package dev.cloister.core.token;

import dev.cloister.core.ContextId;
import org.jspecify.annotations.Nullable;

/** A token as it was shown, hashed: the token itself is not kept. */
final class Presentation {
  final Bits128 identifier;
  final byte[] hash;
  final Bits128 nonce;
  final Right right;

  /** The context that was addressed; none when any will do. */
  private final @Nullable ContextId addressed;

  private Presentation(byte[] token, byte[] nonce, Right right, @Nullable ContextId addressed) {
    this.identifier = Bits128.first(token);
    this.hash = TokenKind.with(right).hash(token);
    this.nonce = Bits128.first(nonce);
    this.right = right;
    this.addressed = addressed;
  }

  /** Reads one; null when the lengths are not those of a token and a nonce. */
  static @Nullable Presentation read(
      byte[] token, byte[] nonce, Right right, @Nullable ContextId addressed) {
    return token.length == Token.BYTES && nonce.length == TokenRegistry.NONCE_BYTES
        ? new Presentation(token, nonce, right, addressed)
        : null;
  }

  boolean addresses(ContextId context) {
    return addressed == null || addressed.equals(context);
  }
}
