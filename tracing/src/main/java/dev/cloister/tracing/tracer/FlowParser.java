package dev.cloister.tracing.tracer;

import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.internal.SelfLimiting;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.StreamParser;
import org.jspecify.annotations.Nullable;

/** One connection's parser of one protocol, and the way its records go. */
final class FlowParser implements Emitter {
  private final Flow flow;
  private final Parser parser;
  private final RecordOutput output;
  private final boolean[] wanted;
  private final boolean isWatched;
  private @Nullable StreamParser stream;

  FlowParser(Flow flow, Parser parser, RecordOutput output) {
    this.flow = flow;
    this.parser = parser;
    this.output = output;
    this.wanted = output.wanted(parser.schema());
    this.isWatched = !(parser instanceof SelfLimiting);
  }

  boolean isWatched() {
    return isWatched;
  }

  /** Returns the connection's parser, made when it is first wanted. */
  StreamParser stream() {
    if (stream == null) {
      stream = parser.open(flow, this);
    }
    return stream;
  }

  @Override
  public boolean wants(Field field) {
    return wanted[field.index()];
  }

  @Override
  public RawRecord record() {
    return isWatched()
        ? output.lendUnlessFenced(parser.schema(), flow.number())
        : output.lend(parser.schema(), flow.number());
  }

  @Override
  public void emit(RawRecord found) {
    if (isWatched()) {
      output.emitUnlessFenced(found);
    } else {
      output.emit(found);
    }
  }

  @Override
  public void count(Counter counter, long amount) {
    if (isWatched()) {
      output.countUnlessFenced(counter, amount);
    } else {
      output.count(counter, amount);
    }
  }
}
