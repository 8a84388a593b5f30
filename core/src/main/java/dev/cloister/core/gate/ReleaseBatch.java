package dev.cloister.core.gate;

import dev.cloister.core.SealedFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Gathers what the policy lets out of raw records, until it is taken. Used by one thread at a time.
 */
public final class ReleaseBatch implements AutoCloseable {
  private final ReleaseEngine engine;
  private final ReleasePolicy.Filter filter;
  private final Lines lines = new Lines();
  private long count;
  private long offered;

  ReleaseBatch(ReleaseEngine engine, ReleasePolicy.Filter filter) {
    this.engine = engine;
    this.filter = filter;
  }

  /**
   * Applies the policy to a record. The record is not kept.
   *
   * @param raw a record of a declared type
   * @throws SealedFailure when the policy's own code failed
   */
  public void add(Raw raw) {
    offered++;
    var before = lines.size();
    var whole = false;
    try {
      whole = filter.release(raw, lines) && lines.endWithALine(before);
    } catch (IOException | RuntimeException e) {
      throw SealedFailure.of(engine.mode(), "release", offered, e);
    } finally {
      if (whole) {
        count++;
      } else {
        lines.cutTo(before);
      }
    }
  }

  /**
   * Returns how much waits to be taken.
   *
   * @return bytes
   */
  public int sizeBytes() {
    return lines.size();
  }

  /**
   * Takes what has gathered, and starts anew.
   *
   * @return the lines, perhaps none
   */
  public Released take() {
    var released = engine.released(lines.toByteArray(), count);
    lines.reset();
    count = 0;
    return released;
  }

  /** Forgets what was not taken, and destroys the filter's keys. */
  @Override
  public void close() {
    lines.reset();
    count = 0;
    filter.close();
  }

  /** Lines in memory, of which the last may be taken back. */
  private static final class Lines extends ByteArrayOutputStream {
    Lines() {
      super(1 << 16);
    }

    /** Refuses what would make the count of lines wrong, and so every heartbeat after it. */
    boolean endWithALine(int from) {
      if (count == from || buf[count - 1] != '\n') {
        throw new IllegalStateException("the policy wrote no whole line, and said that it did");
      }
      return true;
    }

    void cutTo(int bytes) {
      count = bytes;
    }
  }
}
