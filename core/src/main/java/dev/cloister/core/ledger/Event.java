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
  /** A buffer will be full soon, if it goes on filling as of late; the number is in seconds. */
  BUFFER_FILLING,
  /** A store lost what it held; the number is how many records. */
  STORE_LOSS,
  /** A link that is captured went down; the number is how often it has. */
  LINK_DOWN,
  /** A link that is captured came up again; the number is how often it was down. */
  LINK_UP,
  /** A link that is captured was removed; the number is how many frames it had received. */
  LINK_GONE,
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
