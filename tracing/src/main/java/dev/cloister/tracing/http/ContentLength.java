package dev.cloister.tracing.http;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Measures content behind its codings: gzip with any number of members, and deflate with or without
 * the header of zlib, one behind the other. It gives up at 64 MiB, and at a thousand times of what
 * came. What is measured is not kept. Sources: RFC 1950, 1951, 1952; RFC 9110, section 8.4.
 */
final class ContentLength implements AutoCloseable {
  /** The most that is decoded of one message. */
  static final long BYTES_MAX = 64L << 20;

  /** The most that is decoded for each byte that came. */
  static final int RATIO_MAX = 1000;

  /** Short content may be a few bytes that stand for many; this much is always allowed. */
  private static final long BYTES_ALWAYS = 64 << 10;

  private static final int CODINGS_MAX = 4;
  private static final int STAGE_BYTES = 64 << 10;

  private final Stage first;
  private long taken;
  private long length;
  private boolean failed;

  /** What unpacking takes: a window, the JDK's state and a buffer for each coding. */
  private final int heldBytes;

  /** What a coding gives its decoded bytes to. */
  private interface Sink {
    void take(byte[] bytes, int offset, int count) throws DataFormatException;
  }

  private ContentLength(List<String> codings) {
    Sink sink = this::measure;
    @Nullable Stage stage = null;
    // The last that was applied is undone first.
    for (var coding : codings) {
      stage = new Stage(coding.equals("deflate"), sink);
      sink = stage;
    }
    this.first = Objects.requireNonNull(stage);
    this.heldBytes = codings.size() * STAGE_BYTES;
  }

  /** Makes a measure; none when there is no coding, or one that is not known. */
  static Optional<ContentLength> of(List<String> codings) {
    var known = List.of("gzip", "x-gzip", "deflate");
    return codings.isEmpty() || codings.size() > CODINGS_MAX || !known.containsAll(codings)
        ? Optional.empty()
        : Optional.of(new ContentLength(codings));
  }

  int heldBytes() {
    return heldBytes;
  }

  void take(byte[] bytes, int offset, int count) {
    taken += count;
    if (failed) {
      return;
    }
    try {
      first.take(bytes, offset, count);
    } catch (DataFormatException _) {
      failed = true;
      first.close();
    }
  }

  private void measure(byte[] bytes, int offset, int count) {
    length += count;
  }

  /** What goes from one coding to the next is work as well, even if nothing comes of it. */
  private void bound(long decoded) throws DataFormatException {
    if (decoded > BYTES_MAX || (decoded > BYTES_ALWAYS && decoded / RATIO_MAX > taken)) {
      throw new DataFormatException("too much");
    }
  }

  /** Returns the decoded length; none when the content is broken, or too much. */
  OptionalLong length() {
    return failed ? OptionalLong.empty() : OptionalLong.of(length);
  }

  @Override
  public void close() {
    first.close();
  }

  /** One coding. */
  private final class Stage implements Sink {
    private static final int FIXED_HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;

    private final boolean isDeflate;
    private final Sink next;
    private final byte[] out = new byte[8192];
    private @Nullable Inflater inflater;
    private long decodedBytes;

    // Where in a gzip member this is.
    private Part part = Part.FIXED;
    private int inPart;
    private int flags;
    private int extra;

    /** The parts of a gzip member, in their order. */
    private enum Part {
      FIXED,
      EXTRA_LENGTH,
      EXTRA,
      NAME,
      COMMENT,
      HEADER_SUM,
      DATA,
      TRAILER
    }

    Stage(boolean isDeflate, Sink next) {
      this.isDeflate = isDeflate;
      this.next = next;
    }

    @Override
    public void take(byte[] bytes, int offset, int count) throws DataFormatException {
      var at = offset;
      var end = offset + count;
      while (at < end) {
        if (isDeflate) {
          at = deflate(bytes, at, end);
        } else if (part == Part.DATA) {
          at = inflate(inflater(true), bytes, at, end);
        } else {
          header(bytes[at++]);
        }
      }
    }

    private Inflater inflater(boolean isRaw) {
      if (inflater == null) {
        inflater = new Inflater(isRaw);
      }
      return inflater;
    }

    /** Two bytes tell zlib's header from raw deflate, which many send instead. */
    private int deflate(byte[] bytes, int at, int end) throws DataFormatException {
      if (inflater == null) {
        var isZlib = (bytes[at] & 0x0f) == 8 && (bytes[at] & 0xf0) <= 0x70;
        inflater(!isZlib);
      }
      if (inflater(false).finished()) {
        return end;
      }
      return inflate(inflater(false), bytes, at, end);
    }

    private int inflate(Inflater in, byte[] bytes, int at, int end) throws DataFormatException {
      in.setInput(bytes, at, end - at);
      while (true) {
        var decoded = in.inflate(out);
        if (decoded > 0) {
          decodedBytes += decoded;
          bound(decodedBytes);
          next.take(out, 0, decoded);
        } else if (in.needsDictionary()) {
          throw new DataFormatException("a dictionary that nobody has");
        } else if (in.finished() || in.needsInput()) {
          break;
        }
      }
      if (in.finished() && !isDeflate) {
        part = Part.TRAILER;
        inPart = 0;
      }
      return end - in.getRemaining();
    }

    private void header(byte octet) throws DataFormatException {
      inPart++;
      switch (part) {
        case FIXED -> fixed(octet);
        case EXTRA_LENGTH -> {
          extra |= (octet & 0xff) << (Byte.SIZE * (inPart - 1));
          if (inPart == 2) {
            go(extra > 0 ? Part.EXTRA : Part.NAME);
          }
        }
        case EXTRA -> {
          if (inPart == extra) {
            go(Part.NAME);
          }
        }
        case NAME -> {
          if (octet == 0) {
            go(Part.COMMENT);
          }
        }
        case COMMENT -> {
          if (octet == 0) {
            go(Part.HEADER_SUM);
          }
        }
        case HEADER_SUM -> {
          if (inPart == 2) {
            go(Part.DATA);
          }
        }
        case TRAILER -> {
          if (inPart == TRAILER_BYTES) {
            member();
          }
        }
        case DATA -> throw new IllegalStateException("data is no header");
      }
    }

    private void fixed(byte octet) throws DataFormatException {
      var isWrong =
          switch (inPart) {
            case 1 -> octet != 0x1f;
            case 2 -> octet != (byte) 0x8b;
            case 3 -> octet != 8;
            default -> false;
          };
      if (isWrong) {
        throw new DataFormatException("not gzip");
      }
      if (inPart == 4) {
        flags = octet;
      } else if (inPart == FIXED_HEADER_BYTES) {
        go(Part.EXTRA_LENGTH);
      }
    }

    /** Goes to a part, or past it where the flags say it is not there. */
    private void go(Part wanted) {
      inPart = 0;
      part = wanted;
      if (part == Part.EXTRA_LENGTH && (flags & 4) == 0) {
        part = Part.NAME;
      }
      if (part == Part.NAME && (flags & 8) == 0) {
        part = Part.COMMENT;
      }
      if (part == Part.COMMENT && (flags & 16) == 0) {
        part = Part.HEADER_SUM;
      }
      if (part == Part.HEADER_SUM && (flags & 2) == 0) {
        part = Part.DATA;
      }
    }

    /** Begins another member. */
    private void member() {
      part = Part.FIXED;
      inPart = 0;
      extra = 0;
      if (inflater != null) {
        inflater.reset();
      }
    }

    void close() {
      if (inflater != null) {
        inflater.end();
        inflater = null;
      }
      if (next instanceof Stage stage) {
        stage.close();
      }
    }
  }
}
