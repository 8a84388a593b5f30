package dev.cloister.tracing.tracer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StreamParser;

/**
 * A user's parser: it emits a record for whatever it hears of a connection; and first of all does
 * what the test wants.
 *
 * @param hook what the test wants
 */
record Words(Hook hook) implements Parser {
  private static final Schema.Builder BUILDER = Schema.named("words");
  static final Field TEXT = BUILDER.field("text", FieldType.TEXT, "what was heard");
  static final Field SOURCE = BUILDER.field("source", FieldType.ADDRESS, "from whom");
  static final Schema SCHEMA = BUILDER.build();

  /** What is asked of a parser. */
  enum Moment {
    OPEN,
    DATA,
    GAP,
    END
  }

  /** What a test does inside the parser. */
  @FunctionalInterface
  interface Hook {
    void at(Moment moment, Flow flow, Emitter emitter);

    /** Does something at one moment of one connection. */
    static Hook when(Moment which, long flow, Hook what) {
      return (moment, in, emitter) -> {
        if (moment == which && in.number() == flow) {
          what.at(moment, in, emitter);
        }
      };
    }
  }

  /** Makes one that does nothing else. */
  static Words plain() {
    return new Words((_, _, _) -> {});
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public StreamParser open(Flow flow, Emitter emitter) {
    hook.at(Moment.OPEN, flow, emitter);
    return new Stream(flow, emitter);
  }

  /** Emits a record of a text. */
  static void emit(Emitter emitter, byte[] bytes, int offset, int length) {
    var found = emitter.record();
    found.set(TEXT, bytes, offset, length);
    emitter.emit(found);
  }

  static void emit(Emitter emitter, String text) {
    var bytes = text.getBytes(US_ASCII);
    emit(emitter, bytes, 0, bytes.length);
  }

  private final class Stream implements StreamParser {
    private final Flow flow;
    private final Emitter emitter;

    Stream(Flow flow, Emitter emitter) {
      this.flow = flow;
      this.emitter = emitter;
    }

    @Override
    public boolean data(Direction direction, byte[] bytes, int offset, int length, long timeNanos) {
      hook.at(Moment.DATA, flow, emitter);
      emit(emitter, bytes, offset, length);
      return true;
    }

    @Override
    public boolean gap(Direction direction, long length, long timeNanos) {
      hook.at(Moment.GAP, flow, emitter);
      emit(emitter, "gap of " + length);
      return true;
    }

    @Override
    public void end(EndCause cause, long timeNanos) {
      hook.at(Moment.END, flow, emitter);
      emit(emitter, "end " + cause + " at " + timeNanos);
    }
  }
}
