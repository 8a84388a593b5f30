package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.sandbox.session.Frames.Frame;
import java.time.Duration;
import java.util.Arrays;

/** The first frame of each side: a client offers, a server picks, and both tell their limits. */
final class Greeting {
  static final int HELLO = 0x01;
  static final int WELCOME = 0x02;
  static final int VERSION = 1;

  /** The longest frame of both. */
  static final int BYTES_MAX = 64;

  /** The least that a side must take: an answer without content, or an error. */
  static final int FRAME_BYTES_LEAST = 64 << 10;

  private static final byte[] NAME = "cloister".getBytes(US_ASCII);
  private static final int VERSIONS_MAX = 16;

  /** A time that a u32 of milliseconds holds. */
  private static final long MILLIS_MAX = 0xffff_ffffL;

  private Greeting() {}

  /**
   * What a server told of its limits.
   *
   * @param frameBytes the longest frame that it takes
   * @param requests how many a conversation may have
   * @param idle after how long without one it ends
   * @param longestWait how long a request is let wait
   */
  record Told(int frameBytes, long requests, Duration idle, Duration longestWait) {}

  static Body hello(int frameBytes) {
    return new Body().bytes(NAME).u8(1).u16(VERSION).u32(frameBytes);
  }

  /** Reads a hello; returns the longest frame that the client takes. */
  static int readHello(Frame frame) throws Broken {
    if (frame.type != HELLO) {
      throw new Broken(SessionCounter.OUT_OF_TURN);
    }
    var in = frame.fields;
    Fields.check(Arrays.equals(in.bytes(NAME.length), NAME));
    var count = in.u8();
    Fields.check(count >= 1 && count <= VERSIONS_MAX);
    var known = false;
    for (var i = 0; i < count; i++) {
      known |= in.u16() == VERSION;
    }
    var frameBytes = frameBytes(in);
    in.end();
    if (!known) {
      throw new Broken(SessionCounter.WRONG_VERSION);
    }
    return frameBytes;
  }

  static Body welcome(ServerLimits limits) {
    return new Body()
        .u16(VERSION)
        .u32(limits.frameBytes())
        .u32(limits.requests())
        .u32(millis(limits.idle()))
        .u32(millis(limits.longestWait()));
  }

  static Told readWelcome(Frame frame) throws Broken {
    if (frame.type != WELCOME) {
      throw new Broken(SessionCounter.OUT_OF_TURN);
    }
    var in = frame.fields;
    if (in.u16() != VERSION) {
      throw new Broken(SessionCounter.WRONG_VERSION);
    }
    var told =
        new Told(
            frameBytes(in), in.u32(), Duration.ofMillis(in.u32()), Duration.ofMillis(in.u32()));
    Fields.check(told.requests > 0 && told.idle.isPositive() && told.longestWait.isPositive());
    in.end();
    return told;
  }

  private static int frameBytes(Fields in) throws Broken {
    var bytes = in.u32();
    Fields.check(bytes >= FRAME_BYTES_LEAST);
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  /** Writes a time as a u32 can, the longest for what is longer. */
  static long millis(Duration time) {
    return Math.clamp(time.toMillis(), 1, MILLIS_MAX);
  }
}
