package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.sandbox.guest.FrameReader.Frame;
import java.util.Arrays;

/** The first frame of a guest. */
final class Hello {
  static final int TYPE = 0x01;
  static final short VERSION = 1;

  private static final byte[] NAME = "cloister".getBytes(US_ASCII);

  /** The whole frame, its length included. */
  static final int FRAME_BYTES = Integer.BYTES + FrameReader.HEAD_BYTES + NAME.length + Short.BYTES;

  private Hello() {}

  static void check(Frame frame) throws Ended {
    if (frame.type != TYPE || frame.sequence != 0) {
      throw Ended.by(Breach.OUT_OF_TURN);
    }
    var body = frame.fields().rest();
    Fields.check(
        body.length == NAME.length + Short.BYTES
            && Arrays.equals(body, 0, NAME.length, NAME, 0, NAME.length));
    if (body[NAME.length] != VERSION >> 8 || body[NAME.length + 1] != VERSION) {
      throw Ended.by(Breach.WRONG_VERSION);
    }
  }
}
