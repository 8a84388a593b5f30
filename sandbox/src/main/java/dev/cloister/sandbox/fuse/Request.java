package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/**
 * One frame of the kernel: struct fuse_in_header, then what its kind has. Reading beyond its end
 * throws {@link BufferUnderflowException}. Valid as long as its buffer.
 */
final class Request {
  /** Of struct fuse_in_header. */
  static final int HEADER_BYTES = 40;

  /** NAME_MAX of linux/limits.h. */
  private static final int NAME_BYTES = 255;

  /** PATH_MAX of linux/limits.h, without its NUL. */
  private static final int TARGET_BYTES = 4095;

  private final ByteBuffer frame;
  private final Opcode opcode;
  private final long unique;
  private final long node;
  private final int user;

  private Request(ByteBuffer frame) {
    this.frame = frame;
    opcode = Opcode.of(frame.getInt());
    unique = frame.getLong();
    node = frame.getLong();
    user = frame.getInt();
    // Its group, its process, and extensions that were not asked for.
    skip(12);
  }

  /**
   * Reads the header.
   *
   * @param frame what came
   * @return empty when that is no frame
   */
  static Optional<Request> of(ByteBuffer frame) {
    var came = frame.remaining();
    if (came < HEADER_BYTES || frame.getInt() != came) {
      return Optional.empty();
    }
    return Optional.of(new Request(frame));
  }

  Opcode opcode() {
    return opcode;
  }

  long unique() {
    return unique;
  }

  long node() {
    return node;
  }

  int user() {
    return user;
  }

  int nextInt() {
    return frame.getInt();
  }

  long nextLong() {
    return frame.getLong();
  }

  void skip(int bytes) {
    if (bytes > frame.remaining()) {
      throw new BufferUnderflowException();
    }
    frame.position(frame.position() + bytes);
  }

  /** All that follows, in place. */
  ByteBuffer rest() {
    return frame;
  }

  /** A file's name: one that leads nowhere else than its directory. */
  String nextName() throws Refused {
    var name = nextText(NAME_BYTES);
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new Refused(Errno.EINVAL);
    }
    return name;
  }

  /** What a symbolic link holds. */
  String nextTarget() throws Refused {
    var target = nextText(TARGET_BYTES);
    if (target.isEmpty()) {
      throw new Refused(Errno.ENOENT);
    }
    return target;
  }

  private String nextText(int most) throws Refused {
    var end = frame.position();
    while (frame.get(requireInside(end)) != 0) {
      end++;
    }
    var length = end - frame.position();
    if (length > most) {
      throw new Refused(Errno.ENAMETOOLONG);
    }
    try {
      var text = UTF_8.newDecoder().decode(frame.slice(frame.position(), length)).toString();
      skip(length + 1);
      return text;
    } catch (CharacterCodingException _) {
      throw new Refused(Errno.EILSEQ);
    }
  }

  private int requireInside(int index) {
    if (index >= frame.limit()) {
      throw new BufferUnderflowException();
    }
    return index;
  }
}
