package dev.cloister.tracing.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.record.AddressText;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.StreamParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one connection's bytes to a parser, without packets, and shows what it emits. Strict: bytes
 * come in the middle of an array that is overwritten when the call has returned; a parser that
 * changes them, or emits what it was not lent, is told so by an {@link IllegalStateException}.
 *
 * <p>The connection is from 10.0.0.1 port 2000 to 192.0.2.80 port 80. Each call of {@link #data} is
 * a millisecond after the one before, however it is cut. Not safe for use by many threads.
 */
public final class ParserHarness {
  private static final long START_NANOS = 1_700_000_000_000_000_000L;
  private static final long STEP_NANOS = 1_000_000;
  private static final int MARGIN_BYTES = 16;

  private final Parser parser;
  private final Recorder recorder = new Recorder();
  private final HarnessFlow flow = new HarnessFlow();
  private @Nullable StreamParser stream;
  private boolean isOver;
  private long now = START_NANOS;
  private int pieceBytes = Integer.MAX_VALUE;
  private int piecesMost = Integer.MAX_VALUE;
  private int lost = -1;
  private int pieces;
  private byte poison = (byte) 0xde;
  private boolean wantsAll = true;
  private Optional<Direction> only = Optional.empty();
  private Optional<Random> altering = Optional.empty();

  private ParserHarness(Parser parser) {
    this.parser = parser;
  }

  /**
   * Begins a connection.
   *
   * @param parser what is tested
   * @return a connection on which nothing was said yet
   */
  public static ParserHarness of(Parser parser) {
    return new ParserHarness(parser);
  }

  /**
   * Cuts data as packets would.
   *
   * @param bytes how much a call of the parser is given at most, from 1
   * @return this
   */
  public ParserHarness inPiecesOf(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("pieces of " + bytes + " bytes: at least 1");
    }
    pieceBytes = bytes;
    return this;
  }

  /**
   * Gives a gap in the place of one piece.
   *
   * @param piece which, from 0
   * @return this
   */
  public ParserHarness losing(int piece) {
    lost = piece;
    return this;
  }

  /**
   * Sets what stands around the bytes that are lent, and in their place when they were taken back.
   *
   * @param with any byte; 0xde unless set
   * @return this
   */
  public ParserHarness poison(byte with) {
    poison = with;
    return this;
  }

  /**
   * Lets the policy want no field.
   *
   * @return this
   */
  public ParserHarness wantingNothing() {
    wantsAll = false;
    return this;
  }

  ParserHarness onlyPieces(int most) {
    piecesMost = most;
    return this;
  }

  ParserHarness only(Direction direction) {
    only = Optional.of(direction);
    return this;
  }

  ParserHarness altering(Random random) {
    altering = Optional.of(random);
    return this;
  }

  int pieces() {
    return pieces;
  }

  /**
   * Lets the client say something.
   *
   * @param text each character is a byte, as in ISO 8859-1
   * @return this
   */
  public ParserHarness client(String text) {
    return data(Direction.CLIENT_TO_SERVER, text.getBytes(ISO_8859_1));
  }

  /**
   * Lets the server say something.
   *
   * @param text each character is a byte, as in ISO 8859-1
   * @return this
   */
  public ParserHarness server(String text) {
    return data(Direction.SERVER_TO_CLIENT, text.getBytes(ISO_8859_1));
  }

  /**
   * Lets a side say something.
   *
   * @param direction which side
   * @param bytes what it says
   * @return this
   */
  public ParserHarness data(Direction direction, byte[] bytes) {
    now += STEP_NANOS;
    for (var at = 0; at < bytes.length; at += Math.min(pieceBytes, bytes.length - at)) {
      var piece = Arrays.copyOfRange(bytes, at, at + Math.min(pieceBytes, bytes.length - at));
      if (pieces < piecesMost && only.orElse(direction) == direction) {
        give(direction, piece);
      }
      pieces++;
    }
    return this;
  }

  private void give(Direction direction, byte[] piece) {
    if (pieces == lost) {
      gap(direction, piece.length);
      return;
    }
    altering.ifPresent(random -> piece[random.nextInt(piece.length)] ^= (byte) random.nextInt(256));
    if (!isOver) {
      var array = new byte[MARGIN_BYTES + piece.length + MARGIN_BYTES];
      Arrays.fill(array, poison);
      System.arraycopy(piece, 0, array, MARGIN_BYTES, piece.length);
      var before = array.clone();
      isOver = !stream().data(direction, array, MARGIN_BYTES, piece.length, now);
      if (!Arrays.equals(before, array)) {
        throw new IllegalStateException("the parser changed the bytes that it was lent");
      }
      Arrays.fill(array, poison);
    }
  }

  /**
   * Lets a side say something that is not captured.
   *
   * @param direction which side
   * @param length how many bytes, at least 1
   * @return this
   */
  public ParserHarness gap(Direction direction, long length) {
    if (!isOver) {
      isOver = !stream().gap(direction, length, now);
    }
    return this;
  }

  /**
   * Ends the connection.
   *
   * @param cause why
   * @return this
   */
  public ParserHarness end(EndCause cause) {
    if (!isOver) {
      stream().end(cause, now);
    }
    isOver = true;
    recorder.isOver = true;
    return this;
  }

  private StreamParser stream() {
    if (stream == null) {
      stream = parser.open(flow, recorder);
    }
    return stream;
  }

  /**
   * Tells whether the parser still wants to hear of the connection.
   *
   * @return false when it said no, or the connection has ended
   */
  public boolean isOver() {
    return isOver;
  }

  /**
   * Returns what was emitted so far.
   *
   * @return for each record its fields by their paths, in the schema's order: addresses and numbers
   *     as text, times in nanoseconds since 1970-01-01T00:00:00Z, text as ISO 8859-1
   */
  public List<Map<String, String>> records() {
    return List.copyOf(recorder.records);
  }

  /**
   * Returns what was counted so far.
   *
   * @return how much, by counter
   */
  public Map<Counter, Long> counts() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(recorder.counts));
  }

  /** Copies what is emitted, and takes it back. */
  private final class Recorder implements Emitter {
    private final List<Map<String, String>> records = new ArrayList<>();
    private final Map<Counter, Long> counts = new LinkedHashMap<>();
    private final Set<RawRecord> lent = new LinkedHashSet<>();
    private boolean isOver;

    @Override
    public boolean wants(Field field) {
      return wantsAll;
    }

    @Override
    public RawRecord record() {
      var record = parser.schema().newRecord().clear(flow.number());
      lent.add(record);
      return record;
    }

    @Override
    public void emit(RawRecord found) {
      if (isOver) {
        throw new IllegalStateException("the parser emitted a record after the connection's end");
      }
      if (!lent.remove(found)) {
        throw new IllegalStateException(
            "the parser emitted a record that it was not lent, or had emitted before");
      }
      var fields = new LinkedHashMap<String, String>();
      for (var field : parser.schema().fields()) {
        if (found.has(field)) {
          fields.put(field.path(), value(found, field));
        }
      }
      records.add(Collections.unmodifiableMap(fields));
      Arrays.fill(found.bytes(), poison);
      found.clear(-1);
    }

    private String value(RawRecord found, Field field) {
      return switch (field.type()) {
        case PORT, TIME, NUMBER -> Long.toString(found.number(field));
        case ADDRESS -> AddressText.of(found.bytes(), found.offset(field), found.length(field));
        case KEYWORD, TEXT, URL -> found.text(field);
      };
    }

    @Override
    public void count(Counter counter, long amount) {
      counts.merge(counter, amount, Long::sum);
    }
  }
}
