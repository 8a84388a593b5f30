package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Frames as a guest sends them. A length is believed only as far as bytes arrive: what is held is
 * at most twice what came, and never more than the limit. For one thread.
 */
final class FrameReader {
  /** Type and sequence, which every length counts. */
  static final int HEAD_BYTES = 5;

  private static final int FIRST_BYTES = 8 << 10;

  private final InputStream in;

  FrameReader(InputStream in) {
    this.in = in;
  }

  /** One frame. */
  static final class Frame {
    final int type;
    final int sequence;
    final byte[] body;

    Frame(int type, int sequence, byte[] body) {
      this.type = type;
      this.sequence = sequence;
      this.body = body;
    }
  }

  /** The next frame, or how the guest ended instead. */
  Frame next(int limit) throws Ended {
    var length = number(read(Integer.BYTES, Breach.CLOSED), 0);
    if (Integer.compareUnsigned(length, limit) > 0) {
      throw Ended.by(Breach.TOO_LONG);
    }
    if (length < HEAD_BYTES) {
      throw Ended.by(Breach.MALFORMED);
    }
    var head = read(HEAD_BYTES, Breach.TRUNCATED);
    return new Frame(head[0] & 0xff, number(head, 1), read(length - HEAD_BYTES, Breach.TRUNCATED));
  }

  private byte[] read(int length, Breach whenNothingCame) throws Ended {
    var bytes = new byte[Math.min(length, FIRST_BYTES)];
    var filled = 0;
    while (filled < length) {
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * bytes.length));
      }
      var count = readSome(bytes, filled);
      if (count < 0) {
        throw Ended.by(filled == 0 ? whenNothingCame : Breach.TRUNCATED);
      }
      filled += count;
    }
    return bytes;
  }

  /** A channel that fails is one that the guest's death, or the host, has closed. */
  private int readSome(byte[] into, int at) {
    try {
      return in.read(into, at, into.length - at);
    } catch (IOException _) {
      return -1;
    }
  }

  private static int number(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
