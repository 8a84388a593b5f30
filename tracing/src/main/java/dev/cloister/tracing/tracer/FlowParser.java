package dev.cloister.tracing.tracer;

import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.internal.SelfLimiting;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StreamParser;
import org.jspecify.annotations.Nullable;

/** One connection's parser of one protocol, and the way its records go. */
final class FlowParser implements Emitter {
  private final Flow flow;
  private final Kind kind;
  private final RecordOutput output;
  private @Nullable StreamParser stream;

  /** Nothing more is asked of it, so nothing more is taken. */
  private boolean isThrough;

  /** What the connections' parsers of one protocol have in common, asked once. */
  static final class Kind {
    private final Parser parser;
    private final Schema schema;
    private final boolean[] wanted;
    private final boolean isWatched;

    Kind(Parser parser, RecordOutput output) {
      this.parser = parser;
      this.schema = parser.schema();
      this.wanted = output.wanted(schema);
      this.isWatched = !(parser instanceof SelfLimiting);
    }
  }

  FlowParser(Flow flow, Kind kind, RecordOutput output) {
    this.flow = flow;
    this.kind = kind;
    this.output = output;
  }

  boolean isWatched() {
    return kind.isWatched;
  }

  /** Returns the connection's parser, made when it is first wanted. */
  StreamParser stream() {
    if (stream == null) {
      var opened = kind.parser.open(flow, this);
      if (kind.isWatched) {
        // One that was fenced off meanwhile must not go on to what its successor reads now.
        output.checkFence();
      }
      stream = opened;
    }
    return stream;
  }

  void end() {
    isThrough = true;
  }

  /** Ends it because its connection failed: what it still has is discarded. */
  void abandon(long timeNanos) {
    end();
    if (!kind.isWatched && stream != null) {
      try {
        stream.end(EndCause.EVICTED, timeNanos);
      } catch (RuntimeException | Error _) {
        // It may be the one that failed.
      }
    }
  }

  @Override
  public boolean wants(Field field) {
    return kind.wanted[field.index()];
  }

  @Override
  public RawRecord record() {
    return kind.isWatched
        ? kind.schema.newRecord().clear(flow.number())
        : output.lend(kind.schema, flow.number());
  }

  @Override
  public void emit(RawRecord found) {
    if (isThrough) {
      output.discard(1);
    } else if (!kind.isWatched) {
      output.emit(found);
    } else {
      if (found.type() != kind.schema || found.flow() != flow.number()) {
        throw new IllegalArgumentException(
            "%s was not lent for flow %d, or was emitted before".formatted(found, flow.number()));
      }
      output.emitUnlessFenced(found);
    }
  }

  @Override
  public void count(Counter counter, long amount) {
    if (isThrough) {
      return;
    }
    if (kind.isWatched) {
      output.countUnlessFenced(counter, amount);
    } else {
      output.count(counter, amount);
    }
  }
}
