package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** What a guest, or a host, writes. Texts are bytes, a character each. */
final class Frames {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int sequence;

  Frames hello() {
    return frame(0x01, 0, "cloister\0\1");
  }

  /** A frame in its turn. */
  Frames next(int type, String body) {
    return next(type, body.getBytes(ISO_8859_1));
  }

  Frames next(int type, byte[] body) {
    return frame(type, ++sequence, body);
  }

  Frames frame(int type, int sequence, String body) {
    return frame(type, sequence, body.getBytes(ISO_8859_1));
  }

  Frames frame(int type, int sequence, byte[] body) {
    raw(5 + body.length);
    out.write(type);
    raw(sequence);
    out.writeBytes(body);
    return this;
  }

  Frames raw(int number) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(number).array());
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** Short, since it stands in the names of tests. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes(), 0, Math.min(out.size(), 40)) + " of " + out.size();
  }
}
