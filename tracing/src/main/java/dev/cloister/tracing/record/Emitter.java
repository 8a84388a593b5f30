package dev.cloister.tracing.record;

import dev.cloister.core.ledger.Counter;

/** Takes what a parser finds in one connection. For the thread that calls the parser. */
public interface Emitter {

  /**
   * Tells whether the policy lets a field out at all; finding what it does not is wasted work.
   *
   * @param field one of the parser's schema
   * @return whether it may go out
   */
  boolean wants(Field field);

  /**
   * Lends a record to fill. What is lent and never emitted is garbage, no more.
   *
   * @return an empty record of the parser's schema, about this connection
   */
  RawRecord record();

  /**
   * Takes a record, and takes it back: after this the parser must not touch it.
   *
   * @param found what {@link #record()} lent
   */
  void emit(RawRecord found);

  /**
   * Counts.
   *
   * @param counter one that was declared before the seal
   * @param amount how much
   */
  void count(Counter counter, long amount);
}
