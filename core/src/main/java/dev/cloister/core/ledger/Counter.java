package dev.cloister.core.ledger;

/**
 * A number that a ledger keeps. Implemented by enums, so that the vocabulary is closed: what is not
 * declared before the seal is never counted, and no free text leaves a context this way.
 */
public interface Counter {

  /**
   * Returns the name that stands in outputs.
   *
   * @return letters, digits and dots, such as {@code lost.dropped}
   */
  String label();
}
