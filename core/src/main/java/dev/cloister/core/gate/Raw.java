package dev.cloister.core.gate;

/**
 * Something that was not released: a parser's record, an analysis's result. It goes into a {@link
 * ReleaseBatch}; there is no other way on.
 */
public interface Raw {

  /**
   * Returns what kind of record this is.
   *
   * @return one of the types that the plan declared
   */
  RawType type();
}
