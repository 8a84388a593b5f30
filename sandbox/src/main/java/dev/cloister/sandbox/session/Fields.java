package dev.cloister.sandbox.session;

import dev.cloister.core.token.Token;
import dev.cloister.core.token.TokenRegistry;
import dev.cloister.sandbox.host.Shown;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The fields of a frame, taken in order; one that is not there, beyond its bounds or left over ends
 * the conversation.
 */
final class Fields {
  private final byte[] body;
  private final ByteBuffer left;

  Fields(byte[] body) {
    this.body = body;
    this.left = ByteBuffer.wrap(body);
  }

  int u8() throws Broken {
    return need(Byte.BYTES).get() & 0xff;
  }

  int u16() throws Broken {
    return need(Short.BYTES).getShort() & 0xffff;
  }

  long u32() throws Broken {
    return need(Integer.BYTES).getInt() & 0xffff_ffffL;
  }

  int i32() throws Broken {
    return need(Integer.BYTES).getInt();
  }

  /** A number that is not below a least one. */
  long i64(long least) throws Broken {
    var number = need(Long.BYTES).getLong();
    check(number >= least);
    return number;
  }

  boolean truth() throws Broken {
    var number = u8();
    check(number <= 1);
    return number == 1;
  }

  byte[] bytes(long count) throws Broken {
    check(count <= left.remaining());
    var taken = new byte[(int) count];
    left.get(taken);
    return taken;
  }

  String hex(int count) throws Broken {
    return HexFormat.of().formatHex(bytes(count));
  }

  String text16() throws Broken {
    try {
      var bytes = ByteBuffer.wrap(bytes(u16()));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException _) {
      throw new Broken(SessionCounter.MALFORMED);
    }
  }

  /** A token and the nonce that it is shown with. */
  Shown shown() throws Broken {
    return Shown.of(bytes(Token.BYTES), bytes(TokenRegistry.NONCE_BYTES));
  }

  byte[] rest() throws Broken {
    return bytes(left.remaining());
  }

  /** Asserts that nothing but zeros is left. */
  void padding() throws Broken {
    while (left.hasRemaining()) {
      check(left.get() == 0);
    }
  }

  /** Asserts that nothing is left. */
  void end() throws Broken {
    check(!left.hasRemaining());
  }

  static void check(boolean holds) throws Broken {
    if (!holds) {
      throw new Broken(SessionCounter.MALFORMED);
    }
  }

  private ByteBuffer need(int bytes) throws Broken {
    check(left.remaining() >= bytes);
    return left;
  }

  int sizeBytes() {
    return body.length;
  }

  /** Zeroes the frame: it may have held a token or code. */
  void wipe() {
    Arrays.fill(body, (byte) 0);
  }
}
