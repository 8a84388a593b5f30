package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Counter;

/** Why a record that was offered to a store was not read from it. */
public enum Loss implements Counter {
  /** Memory and disk were full when it was offered. */
  NO_ROOM("noRoom"),
  /** It is larger than a block. */
  TOO_LARGE("tooLarge"),
  /** The store had stopped taking records when it was offered. */
  STOPPED("stopped"),
  /** The disk had no space for its block. */
  DISK_FULL("diskFull"),
  /** Its block could not be written for another reason. */
  WRITE_FAILED("writeFailed"),
  /** Its block could not be read. */
  READ_FAILED("readFailed"),
  /** Its segment's file is gone. */
  MISSING("missing"),
  /** Its segment's file is too short. */
  TRUNCATED("truncated"),
  /** Its place holds a block of another segment or place. */
  SWAPPED("swapped"),
  /** Its block is not what was written. */
  ALTERED("altered"),
  /** It was released before anyone had read it. */
  RELEASED("released"),
  /** The store was closed before anyone had read it. */
  CLOSED("closed");

  private final String cause;

  Loss(String cause) {
    this.cause = cause;
  }

  /**
   * Returns the word that stands in outputs.
   *
   * @return a cause in one word
   */
  public String cause() {
    return cause;
  }

  /**
   * Tells whether the record was never taken, or was lost afterwards.
   *
   * @return whether it was refused when it was offered
   */
  public boolean isRefusal() {
    return this == NO_ROOM || this == TOO_LARGE || this == STOPPED;
  }

  @Override
  public String label() {
    return "lost." + cause;
  }
}
