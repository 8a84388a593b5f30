package dev.cloister.tracing.flow;

/** What a reassembler counted, in bytes and events; it goes on counting. */
public final class StreamCounts {
  long data;
  long holes;
  long duplicates;
  long conflicting;
  long uncompared;
  long late;
  long beforeStart;
  long afterEnd;
  long evictedReordering;
  long evictedBuffers;

  StreamCounts() {}

  /**
   * Returns what was given to the listener.
   *
   * @return bytes
   */
  public long dataBytes() {
    return data;
  }

  /**
   * Returns what was never captured of the streams that ended, or was given up.
   *
   * @return bytes
   */
  public long holeBytes() {
    return holes;
  }

  /**
   * Returns what was captured again.
   *
   * @return bytes
   */
  public long duplicateBytes() {
    return duplicates;
  }

  /**
   * Returns what was captured again and was not the same.
   *
   * @return bytes
   */
  public long conflictingBytes() {
    return conflicting;
  }

  /**
   * Returns what was captured again when the first copy was no longer remembered.
   *
   * @return bytes, which are among the duplicates
   */
  public long uncomparedBytes() {
    return uncompared;
  }

  /**
   * Returns what filled a hole after it had been given up; it is no longer counted as missing.
   *
   * @return bytes
   */
  public long lateBytes() {
    return late;
  }

  /**
   * Returns what had sequence numbers below the first.
   *
   * @return bytes
   */
  public long beforeStartBytes() {
    return beforeStart;
  }

  /**
   * Returns what came of connections that were over for the listener.
   *
   * @return bytes
   */
  public long afterEndBytes() {
    return afterEnd;
  }

  /**
   * Returns how many holes were given up because too much waited in their direction.
   *
   * @return holes
   */
  public long evictedReordering() {
    return evictedReordering;
  }

  /**
   * Returns how many directions gave up their holes because too much waited in all.
   *
   * @return directions
   */
  public long evictedBuffers() {
    return evictedBuffers;
  }
}
