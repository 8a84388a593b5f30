package dev.cloister.tracing.record;

import dev.cloister.tracing.flow.Flow;

/**
 * A protocol that a tracer can read. A user's parser is held to a time a connection, and what it
 * throws costs its own connection alone. One parser serves many connections, all on one thread.
 */
public interface Parser {

  /**
   * Returns what this parser emits.
   *
   * @return the schema that the plan declared
   */
  Schema schema();

  /**
   * Begins with a connection, before its first data.
   *
   * @param flow the connection
   * @param emitter takes its records
   * @return a parser for this connection
   */
  StreamParser open(Flow flow, Emitter emitter);
}
