package dev.cloister.tracing.sink;

import dev.cloister.core.ledger.Counter;

/** What a {@link Push} counts. */
public enum PushCounter implements Counter {
  /** Connections that were made, the first of which the seal makes. */
  CONNECTIONS("push.connections"),
  /** Bytes that the system took over. */
  SENT_BYTES("push.sentBytes"),
  /** Bytes that wait for the peer. */
  WAITING_BYTES("push.waitingBytes"),
  /** Lines that were not sent whole: the peer was slow, or gone. */
  DROPPED_LINES("push.dropped.lines"),
  /** Heartbeats that were not sent whole. */
  DROPPED_HEARTBEATS("push.dropped.heartbeats");

  private final String label;

  PushCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
