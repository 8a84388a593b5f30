package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.GivenFlow;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.StreamParser;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One connection into which a test speaks for both sides, and what the parser tells of it. Every
 * segment comes a microsecond after the one before. It lends records as the tracer does, again and
 * again, and fails a test whose parser touches one that it gave back.
 */
final class Wire {
  private static final byte[] AROUND = "GET /around HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1);

  private final Predicate<Field> wanted;
  private final StreamParser parser;
  private final Deque<RawRecord> spare = new ArrayDeque<>();
  private final Map<Counter, Long> counts = new HashMap<>();
  private final List<Told> told = new ArrayList<>();
  private boolean isOfInterest = true;
  private long now;

  private Wire(Parser protocol, GivenFlow flow, Predicate<Field> wanted) {
    this.wanted = wanted;
    this.parser = protocol.open(flow, new Lender());
  }

  private Wire(GivenFlow flow, Predicate<Field> wanted) {
    this(Http.parser(), flow, wanted);
  }

  /** Opens a connection of which every field is wanted. */
  Wire() {
    this(GivenFlow.fromTheBeginning(), _ -> true);
  }

  /** Opens one beside others of the same parser. */
  static Wire of(Parser protocol) {
    return new Wire(protocol, GivenFlow.fromTheBeginning(), _ -> true);
  }

  /** Opens one of which some fields are wanted. */
  static Wire wanting(Predicate<Field> wanted) {
    return new Wire(GivenFlow.fromTheBeginning(), wanted);
  }

  /** Opens one whose beginning was not captured. */
  static Wire fromTheMiddle() {
    return new Wire(GivenFlow.fromTheMiddle(), _ -> true);
  }

  /** Lends records, takes them back, and keeps a copy of what was in them. */
  private final class Lender implements Emitter {

    @Override
    public boolean wants(Field field) {
      return wanted.test(field);
    }

    @Override
    public RawRecord record() {
      var kept = spare.pollFirst();
      return (kept == null ? Http.schema().newRecord() : kept).clear(7);
    }

    @Override
    public void emit(RawRecord found) {
      told.add(Told.of(found));
      spare.addFirst(found.clear(-1));
    }

    @Override
    public void count(Counter counter, long amount) {
      counts.merge(counter, amount, Long::sum);
    }
  }

  /** Sends segments from the client. */
  Wire client(String... segments) {
    for (var segment : segments) {
      send(Direction.CLIENT_TO_SERVER, segment.getBytes(ISO_8859_1));
    }
    return this;
  }

  /** Sends segments from the server. */
  Wire server(String... segments) {
    for (var segment : segments) {
      send(Direction.SERVER_TO_CLIENT, segment.getBytes(ISO_8859_1));
    }
    return this;
  }

  /** Sends one segment, which stands in the middle of an array, as it does in a tracer. */
  Wire send(Direction direction, byte[] segment) {
    if (isOfInterest && segment.length > 0) {
      var array = new byte[segment.length + 2 * AROUND.length];
      System.arraycopy(AROUND, 0, array, 0, AROUND.length);
      System.arraycopy(segment, 0, array, AROUND.length, segment.length);
      System.arraycopy(AROUND, 0, array, AROUND.length + segment.length, AROUND.length);
      now += 1000;
      isOfInterest = parser.data(direction, array, AROUND.length, segment.length, now);
      checkSpareRecords();
    }
    return this;
  }

  /** Loses bytes. */
  Wire gap(Direction direction, long length) {
    if (isOfInterest) {
      now += 1000;
      isOfInterest = parser.gap(direction, length, now);
      checkSpareRecords();
    }
    return this;
  }

  /** Loses bytes of the client. */
  Wire clientGap(long length) {
    return gap(Direction.CLIENT_TO_SERVER, length);
  }

  /** Loses bytes of the server. */
  Wire serverGap(long length) {
    return gap(Direction.SERVER_TO_CLIENT, length);
  }

  /** Ends the connection as both sides wished; returns all that was told. */
  List<Told> end() {
    return end(EndCause.FINISHED);
  }

  List<Told> end(EndCause cause) {
    if (isOfInterest) {
      now += 1000;
      parser.end(cause, now);
      checkSpareRecords();
      isOfInterest = false;
    }
    return told();
  }

  /** Ends the connection; returns a line for each exchange, as {@link Told#line}. */
  List<String> lines() {
    return end().stream().map(Told::line).toList();
  }

  /** Returns what was told so far. */
  List<Told> told() {
    return List.copyOf(told);
  }

  boolean isOfInterest() {
    return isOfInterest;
  }

  long count(Counter counter) {
    return counts.getOrDefault(counter, 0L);
  }

  long requests() {
    return count(TraceCounter.HTTP_REQUESTS);
  }

  long responses() {
    return count(TraceCounter.HTTP_RESPONSES);
  }

  private void checkSpareRecords() {
    for (var record : spare) {
      var touched = Http.schema().fields().stream().filter(record::has).toList();
      assertThat(touched).as("touched after it was emitted").isEmpty();
    }
  }

  /**
   * A record as it was emitted.
   *
   * @param fields those that were set, by path: numbers as {@link Long}, all else as text
   */
  record Told(Map<String, Object> fields) {
    static Told of(RawRecord found) {
      var fields = new HashMap<String, Object>();
      for (var field : Http.schema().fields()) {
        if (found.has(field)) {
          fields.put(field.path(), value(found, field));
        }
      }
      return new Told(Map.copyOf(fields));
    }

    private static Object value(RawRecord found, Field field) {
      return switch (field.type()) {
        case PORT, TIME, NUMBER -> found.number(field);
        case ADDRESS, KEYWORD, TEXT, URL -> found.text(field);
      };
    }

    boolean has(String path) {
      return fields.containsKey(path);
    }

    long number(String path) {
      return (Long) value(path);
    }

    String text(String path) {
      return (String) value(path);
    }

    private Object value(String path) {
      var value = fields.get(path);
      if (value == null) {
        throw new AssertionError("nothing was told of " + path + " in " + fields);
      }
      return value;
    }

    private String shown(String path) {
      return String.valueOf(fields.getOrDefault(path, "-"));
    }

    /** Says it in short: method, target, length; status, length; outcome. */
    String line() {
      return "%s %s %s | %s %s | %s"
          .formatted(
              shown("request.method"),
              shown("request.url"),
              shown("request.bodyBytes"),
              shown("response.status"),
              shown("response.bodyBytes"),
              shown("outcome"));
    }

    /** Drops what depends on when segments came. */
    Map<String, Object> withoutTimes() {
      var rest = new HashMap<>(fields);
      for (var field : Http.schema().fields()) {
        if (field.type() == FieldType.TIME) {
          rest.remove(field.path());
        }
      }
      return rest;
    }
  }
}
