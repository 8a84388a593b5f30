package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.TimeSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A kernel in a test: asks a session frame by frame, and reads what it answers. */
final class Frames {
  static final long ROOT = 1;

  final Session session;
  private final ByteBuffer answer =
      ByteBuffer.allocateDirect(Reply.HEADER_BYTES + Session.DATA_BYTES)
          .order(ByteOrder.nativeOrder());
  private long unique = 100;

  Frames(Path root, FuseLimits limits) {
    session = new Session(root, limits, new Owner(0, 0), TimeSource.system());
  }

  /** Writes the body of a frame: ints, longs, bytes, and strings with their NUL. */
  static ByteBuffer frame(int opcode, long unique, long node, Object... body) {
    var frame = ByteBuffer.allocateDirect(8192).order(ByteOrder.nativeOrder());
    frame.putInt(0).putInt(opcode).putLong(unique).putLong(node);
    frame.putInt(0).putInt(0).putInt(1).putInt(0);
    for (var each : body) {
      switch (each) {
        case Integer number -> frame.putInt(number);
        case Long number -> frame.putLong(number);
        case String text -> frame.put(text.getBytes(UTF_8)).put((byte) 0);
        case byte[] bytes -> frame.put(bytes);
        default -> throw new IllegalArgumentException(each.toString());
      }
    }
    frame.flip();
    return frame.putInt(0, frame.limit());
  }

  /** Sends a frame; the errno, 0 when it was done. */
  int ask(Opcode opcode, long node, Object... body) {
    return ask(frame(numberOf(opcode), ++unique, node, body));
  }

  int ask(ByteBuffer frame) {
    if (!session.answer(frame, answer)) {
      return -1;
    }
    var length = answer.getInt(0);
    if (answer.position() != 0 || answer.limit() != length || length < Reply.HEADER_BYTES) {
      throw new AssertionError("a frame of " + answer + " says it has " + length);
    }
    return -answer.getInt(4);
  }

  /** What the answer holds after its header. */
  ByteBuffer body() {
    return answer
        .slice(Reply.HEADER_BYTES, answer.limit() - Reply.HEADER_BYTES)
        .order(ByteOrder.nativeOrder());
  }

  long uniqueOfAnswer() {
    return answer.getLong(8);
  }

  static int numberOf(Opcode opcode) {
    for (var number = 0; number < 64; number++) {
      if (Opcode.of(number) == opcode) {
        return number;
      }
    }
    throw new AssertionError(opcode);
  }

  /** Looks a name up that is there; its number. */
  long lookup(long directory, String name) {
    done(ask(Opcode.LOOKUP, directory, name));
    return body().getLong(0);
  }

  /** Makes a file and opens it; its handle. */
  long create(long directory, String name) {
    done(ask(Opcode.CREATE, directory, 2, 0100644, 0, 0, name));
    return body().getLong(128);
  }

  static void done(int errno) {
    if (errno != 0) {
      throw new AssertionError("errno " + errno);
    }
  }
}
