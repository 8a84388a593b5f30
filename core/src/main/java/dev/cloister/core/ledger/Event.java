package dev.cloister.core.ledger;

import java.util.Locale;

/** All that a ledger can say happened. Each comes with one number at most. */
public enum Event {
  /** The context was sealed: the first heartbeat. */
  SEALED,
  /** Nothing happened but time: a periodic heartbeat. */
  ALIVE,
  /** Code was loaded into the context, and its measurement extended. */
  CODE_LOADED,
  /** A guarantee holds no more; the number is the guarantee's own. */
  GUARANTEE_LOST,
  /** A store lost what it held; the number is how many records. */
  STORE_LOSS,
  /** A parser ran past its budget and was interrupted; the number is the flow. */
  PARSER_INTERRUPTED,
  /** A parser ignored its interruption and was fenced off; the number is the flow. */
  PARSER_FENCED,
  /** The context closed while users were still inside; the number is how many. */
  USERS_OVERDUE,
  /** The context closed: the last heartbeat. */
  CLOSED;

  /**
   * Returns the word that stands in outputs.
   *
   * @return lower case, with dashes
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
