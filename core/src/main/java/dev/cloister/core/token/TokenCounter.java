package dev.cloister.core.token;

import dev.cloister.core.ledger.Counter;

/**
 * What a {@link TokenRegistry} counts. The causes of refusals are for the operator alone: whoever
 * presented a token is told none of them.
 */
public enum TokenCounter implements Counter {
  /** Tokens that are live now, spent ones that were not forgotten yet among them. */
  LIVE("tokens.live"),
  /** Nonces that are remembered now. */
  NONCES("tokens.nonces"),
  /** Grants issued. */
  ISSUED("tokens.issued"),
  /** Narrower tokens made. */
  DELEGATED("tokens.delegated"),
  /** Presentations accepted; delegations are not among them. */
  ACCEPTED("tokens.accepted"),
  /** Refused: the token or the nonce has another length. */
  MALFORMED("tokens.refused.malformed"),
  /**
   * Refused: no live token has this identifier; it was made up, or is foreign, ended, forgotten.
   */
  UNKNOWN("tokens.refused.unknown"),
  /**
   * Refused: the identifier is a live token's, the secret is not, or not for this kind of right.
   */
  MISMATCHED("tokens.refused.mismatched"),
  /** Refused: a good token, of another context than the one that was addressed. */
  FOREIGN("tokens.refused.foreign"),
  /** Refused: the token's time is over. */
  EXPIRED("tokens.refused.expired"),
  /** Refused: the token is narrower than what was asked for. */
  WITHOUT_RIGHT("tokens.refused.withoutRight"),
  /** Refused: this nonce came with this token before. */
  REPLAYED("tokens.refused.replayed"),
  /** Refused: the uses of the token, or of one that it was made from, are taken. */
  EXHAUSTED("tokens.refused.exhausted"),
  /** Refused, at the cost of a good presentation: there is no room to remember its nonce. */
  NO_ROOM_FOR_NONCE("tokens.refused.noRoomForNonce"),
  /** Grants not issued, because as many are live as are allowed. */
  NO_ROOM_FOR_GRANT("tokens.denied.noRoomForGrant"),
  /** Narrower tokens not made, because the grant has as many as are allowed. */
  NO_ROOM_FOR_CHILD("tokens.denied.noRoomForChild"),
  /** Narrower tokens not made, because they would be made from one another too often. */
  TOO_DEEP("tokens.denied.tooDeep");

  private final String label;

  TokenCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
