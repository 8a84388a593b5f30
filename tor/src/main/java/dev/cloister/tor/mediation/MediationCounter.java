package dev.cloister.tor.mediation;

import dev.cloister.core.ledger.Counter;

/** What is counted of a function's talk with tor. */
public enum MediationCounter implements Counter {
  /** Lines that were let through. */
  LET_THROUGH("tor.letThrough"),
  /** Lines that a rule refused. */
  REFUSED("tor.refused"),
  /** Events that the function got. */
  EVENTS_SHOWN("tor.eventsShown"),
  /** Events that were dropped, since too many waited. */
  EVENTS_MISSED("tor.eventsMissed");

  private final String label;

  MediationCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
