package dev.cloister.sandbox.host;

import dev.cloister.core.ledger.Counter;

/** What a host counts, beside what its token registry does. */
public enum HostCounter implements Counter {
  /** Cells that were started. */
  STARTED("cells.started"),
  /** Cells that live now. */
  LIVING("cells.living"),
  /** Functions that were loaded. */
  LOADED("cells.loaded"),
  /** Refused before any code ran: the policy does not give what the manifest asks. */
  NOT_ADMITTED("cells.refused.policy"),
  /** Refused before any code ran: what is left of the operator's total is too little. */
  NO_ROOM("cells.refused.total"),
  /** Refused before any code ran: the image is none of the catalog's, changed, or runs nowhere. */
  NO_IMAGE("cells.refused.image"),
  /** Not started, because the runtime or the context failed. */
  NOT_STARTED("cells.failed.start"),
  /** Functions that ended. */
  ENDED("cells.ended"),
  /** Functions that ended at a limit. */
  LIMITED("cells.ended.limit"),
  /** Calls of one function by another that were answered. */
  CALLED("calls.answered"),
  /** Calls of one function by another that were not: the callee had ended, was busy, or late. */
  UNANSWERED("calls.unanswered"),
  /** Calls refused because the callee waited for its caller. */
  IN_CIRCLE("calls.refused.circle"),
  /**
   * What functions asked of their cells and a grant refused: calls that were not granted, fetches
   * beyond the network policy, calls of others by a bad grant, lines that were kept from Tor. What
   * a limit cut off of these is one too.
   */
  REFUSED("api.refused"),
  /** Cells of which something could not be removed. */
  LEFT_BEHIND("cells.leftBehind");

  private final String label;

  HostCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
