package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Frames as a guest sends them. A length is believed only as far as bytes arrive: what is held is
 * at most twice what came, and never more than the limit, beside {@link #KEPT_BYTES}. For one
 * thread at a time.
 */
final class FrameReader {
  /** Type and sequence, which every length counts. */
  static final int HEAD_BYTES = 5;

  private static final int FIRST_BYTES = 8 << 10;

  /** What is kept for the next frames, once there was one as long. */
  private static final int KEPT_BYTES = 2 << 20;

  /** What is kept at most of a guest that waits. */
  private static final int WAITING_BYTES = 64 << 10;

  private final InputStream in;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int from;
  private int to;

  FrameReader(InputStream in) {
    this.in = in;
  }

  /** One frame, whose body is the reader's until it reads on. */
  static final class Frame {
    final int type;
    final int sequence;
    private final ByteBuffer body;

    private Frame(int type, int sequence, ByteBuffer body) {
      this.type = type;
      this.sequence = sequence;
      this.body = body;
    }

    int length() {
      return body.remaining();
    }

    /** Its fields, from the first on. */
    Fields fields() {
      return new Fields(body.slice());
    }
  }

  /** The next frame, or how the guest ended instead; waits for all of it. */
  Frame next(int limit) throws Ended {
    while (true) {
      var whole = whole(limit);
      if (whole.isPresent()) {
        return whole.get();
      }
      read(limit);
    }
  }

  /**
   * The next frame, if it is here or a single read makes it whole, for which there must be cause.
   */
  Optional<Frame> more(int limit, BooleanSupplier readable) throws Ended {
    var whole = whole(limit);
    if (whole.isPresent() || !readable.getAsBoolean()) {
      return whole;
    }
    read(limit);
    return whole(limit);
  }

  /** Keeps little for a guest that will say nothing for a while. */
  void shrink() {
    keep(WAITING_BYTES);
  }

  /** Gives back a longer buffer, unless there is something in it. */
  private void keep(int most) {
    if (from == to && bytes.length > most) {
      bytes = new byte[FIRST_BYTES];
      from = 0;
      to = 0;
    }
  }

  private Optional<Frame> whole(int limit) throws Ended {
    var end = from + Integer.BYTES + length(limit);
    if (end > to) {
      return Optional.empty();
    }
    var head = from + Integer.BYTES;
    var frame =
        new Frame(
            bytes[head] & 0xff,
            number(head + 1),
            ByteBuffer.wrap(bytes, head + HEAD_BYTES, end - head - HEAD_BYTES));
    from = end;
    keep(KEPT_BYTES);
    return Optional.of(frame);
  }

  /** The length of the next frame; the least, while it is not known. */
  private int length(int limit) throws Ended {
    if (to - from < Integer.BYTES) {
      return HEAD_BYTES;
    }
    var length = number(from);
    if (Integer.compareUnsigned(length, limit) > 0) {
      throw Ended.by(Breach.TOO_LONG);
    }
    if (length < HEAD_BYTES) {
      throw Ended.by(Breach.MALFORMED);
    }
    return length;
  }

  private void read(int limit) throws Ended {
    makeRoom(Integer.BYTES + length(limit));
    var count = readSome();
    if (count < 0) {
      throw Ended.by(from == to ? Breach.CLOSED : Breach.TRUNCATED);
    }
    to += count;
  }

  /** For a part of a frame at least, and never much more than came of it. */
  private void makeRoom(int frame) {
    var held = to - from;
    if (held == bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(frame, 2L * bytes.length));
    } else if (from > 0) {
      System.arraycopy(bytes, from, bytes, 0, held);
    }
    from = 0;
    to = held;
  }

  /** A channel that fails is one that the guest's death, or the host, has closed. */
  private int readSome() {
    try {
      return in.read(bytes, to, bytes.length - to);
    } catch (IOException _) {
      return -1;
    }
  }

  private int number(int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
