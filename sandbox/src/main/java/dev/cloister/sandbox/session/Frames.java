package dev.cloister.sandbox.session;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * Frames over a channel. A length is believed only as far as bytes arrive: what is held grows with
 * what came, beyond the first {@value #FIRST_BYTES} bytes only as far as there is room, and each
 * wait is until a moment for the whole frame, not for its next byte. For one thread.
 */
final class Frames {
  /** A frame's length and type. */
  static final int HEAD_BYTES = Integer.BYTES + 1;

  /** What each conversation may hold of a frame, however much all hold together. */
  static final int FIRST_BYTES = 8 << 10;

  /**
   * How much is written before the moment is looked at again: four records of a secured channel, of
   * which none is cut short.
   */
  private static final int SLICE_BYTES = 4 * CellChannel.BYTES_AT_BEST;

  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final CellChannel channel;
  private final TimeSource time;
  private final Held held;
  private final ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
  private long taken;

  Frames(CellChannel channel, TimeSource time, Held held) {
    this.channel = channel;
    this.time = time;
    this.held = held;
  }

  /** One frame. */
  static final class Frame {
    final int type;
    final Fields fields;

    Frame(int type, byte[] body) {
      this.type = type;
      this.fields = new Fields(body);
    }
  }

  /**
   * Waits until a frame begins.
   *
   * @param until on the clock that never goes back
   * @param late the cause when none began until then
   * @return false when the other side sends no more
   */
  boolean begin(long until, SessionCounter late) throws Broken {
    head.clear();
    return readSome(head, until, late);
  }

  /**
   * Reads the frame that has begun.
   *
   * @param limit the most that its length may be
   * @param until when all of it must be here
   * @param late the cause when it is not
   */
  Frame finish(int limit, long until, SessionCounter late) throws Broken {
    fill(head, until, late);
    var length = head.flip().getInt();
    var type = head.get() & 0xff;
    if (Integer.compareUnsigned(length, limit) > 0) {
      throw new Broken(SessionCounter.TOO_LONG);
    }
    Fields.check(length >= 1);
    return new Frame(type, body(length - 1, until, late));
  }

  private byte[] body(int length, long until, SessionCounter late) throws Broken {
    var body = new byte[Math.min(length, FIRST_BYTES)];
    fill(ByteBuffer.wrap(body), until, late);
    while (body.length < length) {
      var filled = body.length;
      body = grown(body, (int) Math.min(length, 2L * filled));
      fill(ByteBuffer.wrap(body, filled, body.length - filled), until, late);
    }
    return body;
  }

  private byte[] grown(byte[] full, int sizeBytes) throws Broken {
    take(sizeBytes);
    var grown = Arrays.copyOf(full, sizeBytes);
    Arrays.fill(full, (byte) 0);
    if (full.length > FIRST_BYTES) {
      give(full.length);
    }
    return grown;
  }

  private void fill(ByteBuffer into, long until, SessionCounter late) throws Broken {
    while (into.hasRemaining()) {
      if (!readSome(into, until, late)) {
        throw new Broken(SessionCounter.TRUNCATED);
      }
    }
  }

  private boolean readSome(ByteBuffer into, long until, SessionCounter late) throws Broken {
    try {
      waitAtMost(until, late);
      return channel.read(into) >= 0;
    } catch (SocketTimeoutException e) {
      throw new Broken(late, e);
    } catch (IOException e) {
      throw new Broken(SessionCounter.BROKEN, e);
    }
  }

  private void waitAtMost(long until, SessionCounter late) throws Broken {
    var left = until - time.nanoTime();
    if (left <= 0) {
      throw new Broken(late);
    }
    channel.timeout(Duration.ofNanos(Math.max(left, SHORTEST.toNanos())));
  }

  /**
   * Writes a whole frame.
   *
   * @param until when the other side must have taken all of it
   */
  void write(ByteBuffer frame, long until) throws Broken {
    try {
      while (frame.hasRemaining()) {
        waitAtMost(until, SessionCounter.NOT_TAKEN);
        var slice = frame.slice(frame.position(), Math.min(frame.remaining(), SLICE_BYTES));
        channel.write(slice);
        frame.position(frame.position() + slice.capacity());
      }
    } catch (SocketTimeoutException e) {
      throw new Broken(SessionCounter.NOT_TAKEN, e);
    } catch (IOException e) {
      throw new Broken(SessionCounter.BROKEN, e);
    }
  }

  /** Takes room for bytes that are held while this frame is answered. */
  void take(long bytes) throws Broken {
    if (!held.take(bytes)) {
      throw new Broken(SessionCounter.NO_ROOM);
    }
    taken += bytes;
  }

  private void give(long bytes) {
    held.give(bytes);
    taken -= bytes;
  }

  /** Gives all room back: nothing is held any more. */
  void release() {
    give(taken);
  }
}
