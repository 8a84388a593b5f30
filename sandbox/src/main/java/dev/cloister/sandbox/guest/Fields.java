package dev.cloister.sandbox.guest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The fields of a guest's frame, taken in order; what is not there or left over ends the guest.
 * Each is a copy but {@link #view}.
 */
final class Fields {
  private final ByteBuffer left;

  Fields(byte[] body) {
    this(ByteBuffer.wrap(body));
  }

  /** Takes them from a part of an array, from its position to its limit. */
  Fields(ByteBuffer body) {
    left = body;
  }

  int u8() throws Ended {
    return need(Byte.BYTES).get() & 0xff;
  }

  int u16() throws Ended {
    return need(Short.BYTES).getShort() & 0xffff;
  }

  long u32() throws Ended {
    return need(Integer.BYTES).getInt() & 0xffff_ffffL;
  }

  byte[] bytes16() throws Ended {
    return take(u16());
  }

  String text16() throws Ended {
    return text(take(u16()));
  }

  byte[] rest() {
    var rest = new byte[left.remaining()];
    left.get(rest);
    return rest;
  }

  /** What is left, of the frame itself: the reader's again with the next frame. */
  ByteBuffer view() {
    return left.slice().asReadOnlyBuffer();
  }

  String restAsText() throws Ended {
    return text(rest());
  }

  /** Asserts that nothing is left. */
  void end() throws Ended {
    check(!left.hasRemaining());
  }

  static void check(boolean holds) throws Ended {
    if (!holds) {
      throw Ended.by(Breach.MALFORMED);
    }
  }

  private ByteBuffer need(int bytes) throws Ended {
    check(left.remaining() >= bytes);
    return left;
  }

  private byte[] take(int bytes) throws Ended {
    need(bytes);
    var taken = new byte[bytes];
    left.get(taken);
    return taken;
  }

  private static String text(byte[] bytes) throws Ended {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw Ended.by(Breach.MALFORMED);
    }
  }
}
