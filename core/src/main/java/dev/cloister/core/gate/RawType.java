package dev.cloister.core.gate;

import dev.cloister.core.Description;

/** A kind of raw record, as a parser declares it before the seal. */
public interface RawType {

  /**
   * Returns the kind's name, which no other of a plan has.
   *
   * @return lower-case letters
   */
  String name();

  /**
   * Writes every field with its type; this goes into the measurement.
   *
   * @param into where to
   */
  void describe(Description into);
}
