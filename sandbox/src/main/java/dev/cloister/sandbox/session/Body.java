package dev.cloister.sandbox.session;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Token;
import dev.cloister.core.token.TokenRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** The fields of a frame that is put together, after room for its length and type. */
final class Body {
  private static final int FIRST_BYTES = 256;

  private byte[] frame;

  /** Writes into the frame. */
  private ByteBuffer bytes;

  Body() {
    this(FIRST_BYTES);
  }

  /** Makes room at once for a number of bytes. */
  Body(int sizeBytes) {
    frame = new byte[Frames.HEAD_BYTES + sizeBytes];
    bytes = ByteBuffer.wrap(frame).position(Frames.HEAD_BYTES);
  }

  Body u8(int value) {
    room(Byte.BYTES).put((byte) value);
    return this;
  }

  Body truth(boolean value) {
    return u8(value ? 1 : 0);
  }

  Body u16(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  Body u32(long value) {
    room(Integer.BYTES).putInt((int) value);
    return this;
  }

  Body i64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  Body bytes(byte[] more) {
    room(more.length).put(more);
    return this;
  }

  Body hex(String digits) {
    return bytes(HexFormat.of().parseHex(digits));
  }

  /** A text of at most 65,535 bytes; what is longer is cut between two characters. */
  Body text16(String text, int mostBytes) {
    var utf8 = text.getBytes(StandardCharsets.UTF_8);
    var end = Math.min(utf8.length, mostBytes);
    while (end < utf8.length && (utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return u16(end).bytes(Arrays.copyOf(utf8, end));
  }

  Body token(Token token) {
    return token.use(SecretAccess.granted(), this::bytes);
  }

  /** A token, and a nonce that it was never shown with. */
  Body shown(Token token) {
    var nonce = new byte[TokenRegistry.NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    return token(token).bytes(nonce);
  }

  /** Fills up with zeros to a size. */
  Body paddedTo(int sizeBytes) {
    return bytes(new byte[sizeBytes - sizeBytes()]);
  }

  int sizeBytes() {
    return bytes.position() - Frames.HEAD_BYTES;
  }

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      var old = frame;
      var least = Math.addExact(bytes.position(), more);
      frame = Arrays.copyOf(old, Math.max(least, (int) Math.min(2L * least, 1 << 30)));
      bytes = ByteBuffer.wrap(frame).position(bytes.position());
      Arrays.fill(old, (byte) 0);
    }
    return bytes;
  }

  /** Returns the whole frame; of the same bytes each time. */
  ByteBuffer frame(int type) {
    var length = bytes.position() - Integer.BYTES;
    bytes.putInt(0, length).put(Integer.BYTES, (byte) type);
    return ByteBuffer.wrap(frame, 0, bytes.position());
  }

  /** Zeroes the frame: it may have held a token or code. */
  void wipe() {
    Arrays.fill(frame, (byte) 0);
  }
}
