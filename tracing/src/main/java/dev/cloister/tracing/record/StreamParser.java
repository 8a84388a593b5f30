package dev.cloister.tracing.record;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;

/**
 * Reads one connection, both directions as they come: each in order, with gaps, perhaps from its
 * middle, perhaps alone. Arrays are valid until a call returns.
 */
public interface StreamParser {

  /**
   * Reads bytes.
   *
   * @param direction which half
   * @param bytes holds them; not to be changed
   * @param offset where they begin
   * @param length how many they are, at least 1
   * @param timeNanos when the packet came that made them readable
   * @return false when this connection is of no further interest: then nothing more is called
   */
  boolean data(Direction direction, byte[] bytes, int offset, int length, long timeNanos);

  /**
   * Passes over bytes that were not captured.
   *
   * @param direction which half
   * @param length how many are missing, at least 1
   * @param timeNanos when they were given up
   * @return false when this connection is of no further interest: then nothing more is called
   */
  boolean gap(Direction direction, long length, long timeNanos);

  /**
   * Ends: nothing more is called.
   *
   * @param cause why
   * @param timeNanos when that was decided
   */
  void end(EndCause cause, long timeNanos);
}
