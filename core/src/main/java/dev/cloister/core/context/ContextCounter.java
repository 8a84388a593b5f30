package dev.cloister.core.context;

import dev.cloister.core.ledger.Counter;

/** What every context counts. */
public enum ContextCounter implements Counter {
  /** Lines that went out, the header among them. */
  OUTPUT_LINES("outputLines"),
  /** Their bytes. */
  OUTPUT_BYTES("outputBytes"),
  /** Guarantees that held at the seal and were found lost since. */
  GUARANTEES_LOST("guaranteesLost");

  private final String label;

  ContextCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
