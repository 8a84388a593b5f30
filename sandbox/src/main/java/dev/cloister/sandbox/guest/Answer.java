package dev.cloister.sandbox.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** What the host answers to one request: a kind and a body. */
final class Answer {
  /** What was answered already; it is not written. */
  static final Answer GIVEN = new Answer(0, new byte[0]);

  static final int LOAD = 0x02;
  static final int OK = 0x40;
  static final int NONE = 0x41;
  static final int REFUSED = 0x42;
  static final int FAILED = 0x43;

  /** The longest text of a failure. */
  static final int TEXT_BYTES = 512;

  final int kind;
  final byte[] body;

  Answer(int kind, byte[] body) {
    this.kind = kind;
    this.body = body;
  }

  static Answer ok(byte[] body) {
    return new Answer(OK, body);
  }

  static Answer done() {
    return ok(new byte[0]);
  }

  static Answer ok(boolean truth) {
    return ok(new byte[] {(byte) (truth ? 1 : 0)});
  }

  static Answer none() {
    return new Answer(NONE, new byte[0]);
  }

  static Answer refused(String rule) {
    return new Answer(REFUSED, bounded(rule));
  }

  static Answer failed(String text) {
    return new Answer(FAILED, bounded(text));
  }

  /** This answer, or that it is too long. */
  Answer fittingIn(int bytes) {
    return body.length <= bytes
        ? this
        : failed(
            "an answer of %d bytes: at most %d fit into a frame".formatted(body.length, bytes));
  }

  /** UTF-8, cut between characters. */
  private static byte[] bounded(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var end = Math.min(bytes.length, TEXT_BYTES);
    while (end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }

  /** A body that is put together of fields. */
  static final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Body u16(int value) {
      return bytes(new byte[] {(byte) (value >> 8), (byte) value});
    }

    /** Cuts what is longer than its length can say. */
    Body text16(String text) {
      var utf8 = text.getBytes(StandardCharsets.UTF_8);
      var fitting = utf8.length > 0xffff ? Arrays.copyOf(utf8, 0xffff) : utf8;
      return u16(fitting.length).bytes(fitting);
    }

    Body instant(Instant time) {
      return bytes(
          ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
              .putLong(time.getEpochSecond())
              .putInt(time.getNano())
              .array());
    }

    Body bytes(byte[] more) {
      bytes.writeBytes(more);
      return this;
    }

    Answer ok() {
      return Answer.ok(bytes.toByteArray());
    }
  }
}
