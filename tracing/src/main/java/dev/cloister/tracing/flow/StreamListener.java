package dev.cloister.tracing.flow;

/**
 * Hears the streams of every connection, each direction in order and without doubles. Arrays are
 * valid until the call returns.
 */
public interface StreamListener {

  /**
   * Hears bytes.
   *
   * @param flow the connection
   * @param direction which half
   * @param position where in the stream they stand, from 0
   * @param bytes holds them; not to be changed
   * @param offset where they begin
   * @param length how many they are, at least 1
   * @param timeNanos when the packet came that made them readable
   */
  void data(
      Flow flow,
      Direction direction,
      long position,
      byte[] bytes,
      int offset,
      int length,
      long timeNanos);

  /**
   * Hears that bytes are missing, and that they are no longer waited for.
   *
   * @param flow the connection
   * @param direction which half
   * @param position where in the stream the first of them would stand
   * @param length how many are missing, at least 1
   * @param timeNanos when they were given up
   */
  void gap(Flow flow, Direction direction, long position, long length, long timeNanos);

  /**
   * Hears that bytes came again.
   *
   * @param flow the connection
   * @param direction which half
   * @param position where in the stream they stand, if the copy before was given already; -1 while
   *     it waits, and the policy has decided between the two
   * @param bytes holds the later copy; not to be changed
   * @param offset where it begins
   * @param length how long the overlap is
   * @param differing how many of its bytes were another in the copy before; 0 also where that copy
   *     is no longer remembered
   */
  default void overlap(
      Flow flow,
      Direction direction,
      long position,
      byte[] bytes,
      int offset,
      int length,
      int differing) {}

  /**
   * Hears, once, that both ends have closed a connection and that all they sent was given. Copies
   * of it may still come until the {@link #end}; data behind it comes only where somebody lies.
   *
   * @param flow the connection
   * @param timeNanos when the packet came that made it so
   */
  default void closed(Flow flow, long timeNanos) {}

  /**
   * Hears that nothing more comes of a connection.
   *
   * @param flow the connection
   * @param cause why
   * @param timeNanos when that was decided
   */
  void end(Flow flow, EndCause cause, long timeNanos);
}
