package dev.cloister.sandbox.guest;

import dev.cloister.core.ledger.Counter;

/** How a guest can break the protocol; each ends it. */
public enum Breach implements Counter {
  /** It said nothing, or less than a hello, until the deadline. */
  NO_HELLO("breach.noHello"),
  /** It greeted in another version. */
  WRONG_VERSION("breach.wrongVersion"),
  /** It closed the channel, or died, without saying how it ended. */
  CLOSED("breach.closed"),
  /** It closed the channel, or died, within a frame. */
  TRUNCATED("breach.truncated"),
  /** It announced a frame above the limit. */
  TOO_LONG("breach.tooLong"),
  /** It sent a frame of a type that there is not, or that the host sends. */
  UNKNOWN_TYPE("breach.unknownType"),
  /** It sent a frame whose fields are beyond their bounds or do not fill it exactly. */
  MALFORMED("breach.malformed"),
  /** It sent a frame out of its turn: a second hello, a sequence skipped or used twice. */
  OUT_OF_TURN("breach.outOfTurn"),
  /** It took no answer before it closed the channel. */
  NOT_READING("breach.notReading");

  private final String label;

  Breach(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
