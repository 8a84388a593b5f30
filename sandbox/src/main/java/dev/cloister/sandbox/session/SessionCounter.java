package dev.cloister.sandbox.session;

import dev.cloister.core.ledger.Counter;

/**
 * What a server counts. Conversations that began are those that are open now and those that ended,
 * each by one cause; requests are those that were answered, denied, failed or over, and at most one
 * more for each conversation that is open or broke off.
 */
public enum SessionCounter implements Counter {
  /** Channels that were given to the server. */
  BEGUN("sessions.begun"),
  /** Conversations that are open now. */
  OPEN("sessions.open"),
  /** Ended: the client closed between two frames. */
  LEFT("sessions.ended.left"),
  /** Refused: all places were taken, by conversations that keep busy. */
  BUSY("sessions.ended.busy"),
  /** Ended: all places were taken, and this waited longest for its client. */
  CROWDED_OUT("sessions.ended.crowdedOut"),
  /** Ended: no whole hello came in time. */
  NO_HELLO("sessions.ended.noHello"),
  /** Ended: the client speaks no version that the server does. */
  WRONG_VERSION("sessions.ended.wrongVersion"),
  /** Ended: nothing was asked for too long. */
  IDLE("sessions.ended.idle"),
  /** Ended: a frame was begun and not whole in time. */
  LATE("sessions.ended.late"),
  /** Ended: the client closed within a frame. */
  TRUNCATED("sessions.ended.truncated"),
  /** Ended: a frame claims more bytes than the limit. */
  TOO_LONG("sessions.ended.tooLong"),
  /** Ended: all conversations together hold as many bytes as they may. */
  NO_ROOM("sessions.ended.noRoom"),
  /** Ended: a frame's fields are beyond their bounds, or do not fill it exactly. */
  MALFORMED("sessions.ended.malformed"),
  /** Ended: a frame of a type that there is not, or that the other side sends. */
  UNKNOWN_TYPE("sessions.ended.unknownType"),
  /** Ended: a request that needs another before it. */
  OUT_OF_TURN("sessions.ended.outOfTurn"),
  /** Ended: as many requests came as one conversation may have. */
  SPENT("sessions.ended.spent"),
  /** Ended: the client did not take an answer in time. */
  NOT_TAKEN("sessions.ended.notTaken"),
  /** Ended: the channel broke. */
  BROKEN("sessions.ended.broken"),
  /** Ended: the server closed, or its thread was interrupted. */
  STOPPED("sessions.ended.stopped"),
  /** Whole requests. */
  REQUESTS("requests.whole"),
  /** Requests that were done. */
  ANSWERED("requests.answered"),
  /** Requests that a rule refused; a token that is not good is one. */
  DENIED("requests.denied"),
  /** Requests that failed: the function is behind or silent, or something of the host broke. */
  FAILED("requests.failed"),
  /** Requests to a host that is closed. */
  OVER("requests.over");

  private final String label;

  SessionCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
