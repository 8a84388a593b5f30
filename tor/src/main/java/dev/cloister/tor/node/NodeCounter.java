package dev.cloister.tor.node;

import dev.cloister.core.ledger.Counter;

/** What a node counts of connections. Each that came is living, or ended for one of the causes. */
public enum NodeCounter implements Counter {
  /** Connections that came. */
  CAME("node.came"),
  /** Connections that live now. */
  LIVING("node.living"),
  /** Ended: it was served until its end. */
  SERVED("node.served"),
  /** Refused: it did not shake hands as a client of this node does, or not in time. */
  NOT_SECURED("node.refused.unsecured"),
  /** Refused: as many newer ones had not shaken hands either. */
  CROWDED_OUT("node.refused.crowded"),
  /** Refused: there were as many as allowed, or the executor took no more. */
  NO_ROOM("node.refused.full"),
  /** Ended: the node was closed. */
  CLOSED("node.closed"),
  /** Connections that the system could not accept; they came, and are not counted as such. */
  NOT_ACCEPTED("node.unaccepted");

  private final String label;

  NodeCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
