package dev.cloister.tracing.tracer;

import dev.cloister.core.SealedFailure;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.StreamParser;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives each connection to the parsers, and keeps what one parser does wrong within its connection:
 * it is erroneous from then on, and no parser hears of it any more.
 */
final class FlowDispatcher implements StreamListener {
  private final List<FlowParser.Kind> parsers;
  private final RecordOutput output;
  private final ParserWatch watch;
  private final LongPredicate isQuarantined;
  private final ErroneousFlows erroneous;
  private final Question question = new Question();

  /** The connection that a parser is inside of; what a fenced thread leaves to its successor. */
  private @Nullable Flow current;

  FlowDispatcher(
      List<Parser> parsers,
      RecordOutput output,
      ParserWatch watch,
      LongPredicate isQuarantined,
      ErroneousFlows erroneous) {
    this.parsers = parsers.stream().map(parser -> new FlowParser.Kind(parser, output)).toList();
    this.output = output;
    this.watch = watch;
    this.isQuarantined = isQuarantined;
    this.erroneous = erroneous;
  }

  /** What is asked of parsers; one object, filled anew for each question, so that none is made. */
  private static final class Question {
    Kind kind = Kind.END;
    Direction direction = Direction.CLIENT_TO_SERVER;
    byte[] bytes = {};
    int offset;
    long length;
    EndCause cause = EndCause.CAPTURE_ENDED;
    long timeNanos;

    /** What happened to a stream. */
    enum Kind {
      DATA,
      GAP,
      END
    }

    boolean ask(StreamParser parser) {
      return switch (kind) {
        case DATA -> parser.data(direction, bytes, offset, (int) length, timeNanos);
        case GAP -> parser.gap(direction, length, timeNanos);
        case END -> {
          parser.end(cause, timeNanos);
          yield false;
        }
      };
    }
  }

  @Override
  public void data(
      Flow flow,
      Direction direction,
      long position,
      byte[] bytes,
      int offset,
      int length,
      long timeNanos) {
    question.kind = Question.Kind.DATA;
    question.direction = direction;
    question.bytes = bytes;
    question.offset = offset;
    question.length = length;
    question.timeNanos = timeNanos;
    each(flow);
  }

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
    question.kind = Question.Kind.GAP;
    question.direction = direction;
    question.length = length;
    question.timeNanos = timeNanos;
    each(flow);
  }

  /**
   * Ends the parsers now, rather than when no copies can come any more: until then there would be
   * many times as many connections that hold something. Data that comes nevertheless is read by
   * parsers that begin anew.
   */
  @Override
  public void closed(Flow flow, long timeNanos) {
    if (flow.attachment() instanceof Open && tellEnd(flow, EndCause.FINISHED, timeNanos)) {
      flow.attach(Closed.FINISHED);
    }
  }

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {
    if (flow.attachment() != Closed.FINISHED) {
      tellEnd(flow, cause, timeNanos);
    }
  }

  private boolean tellEnd(Flow flow, EndCause cause, long timeNanos) {
    question.kind = Question.Kind.END;
    question.cause = cause;
    question.timeNanos = timeNanos;
    return each(flow);
  }

  /** What is attached to a connection. */
  private sealed interface State {}

  /** Why nobody listens. */
  private enum Closed implements State {
    /** No parser wants it, or may have it. */
    CLOSED,
    /** All was given that its ends have sent. */
    FINISHED
  }

  /** The parsers that still want it. */
  private static final class Open implements State {
    final List<FlowParser> parsers = new ArrayList<>(1);
  }

  /** What became of a call. */
  private enum Outcome {
    GOES_ON,
    WANTS_NO_MORE,
    FAILED
  }

  /** Asks every parser; tells whether none has failed. */
  private boolean each(Flow flow) {
    if (!(state(flow) instanceof Open open)) {
      return true;
    }
    current = flow;
    for (var i = 0; i < open.parsers.size(); i++) {
      var outcome = ask(flow, open.parsers.get(i));
      if (outcome == Outcome.FAILED) {
        fail(flow, open);
        return false;
      }
      if (outcome == Outcome.WANTS_NO_MORE) {
        open.parsers.remove(i--).end();
      }
    }
    if (open.parsers.isEmpty()) {
      flow.attach(Closed.CLOSED);
    }
    current = null;
    return true;
  }

  private State state(Flow flow) {
    if (flow.attachment() instanceof State state && state != Closed.FINISHED) {
      return state;
    }
    var open = new Open();
    if (!isQuarantined.test(flow.number())) {
      for (var parser : parsers) {
        open.parsers.add(new FlowParser(flow, parser, output));
      }
    }
    flow.attach(open);
    return open;
  }

  private Outcome ask(Flow flow, FlowParser parser) {
    if (!parser.isWatched()) {
      return safely(parser);
    }
    watch.enter(flow.number());
    var wasInterrupted = false;
    Outcome outcome;
    try {
      outcome = safely(parser);
    } finally {
      // Throws when this thread was fenced off, whatever the parser did: nothing may be touched
      // then.
      wasInterrupted = watch.leave();
    }
    var isGood = !wasInterrupted && outcome != Outcome.FAILED;
    output.settle(isGood);
    return isGood ? outcome : Outcome.FAILED;
  }

  /**
   * Whatever a parser throws is its connection's end, not the trace's; it changes nothing here.
   * That is any throwable: code in other languages, and generics, throw checked ones too.
   */
  private Outcome safely(FlowParser parser) {
    try {
      return question.ask(parser.stream()) ? Outcome.GOES_ON : Outcome.WANTS_NO_MORE;
    } catch (SealedFailure e) {
      if (parser.isWatched()) {
        return Outcome.FAILED;
      }
      // Not the parser: the policy failed on what it emitted, and that ends the trace.
      throw e;
    } catch (Throwable _) {
      return Outcome.FAILED;
    }
  }

  private void fail(Flow flow, Open open) {
    open.parsers.forEach(parser -> parser.abandon(question.timeNanos));
    flow.attach(Closed.CLOSED);
    erroneous.add(flow.number());
    current = null;
  }

  /** Goes on for a thread that was fenced off: the connection it was inside of is erroneous. */
  void takeOver() {
    output.settle(false);
    if (current != null && current.attachment() instanceof Open open) {
      fail(current, open);
    }
  }
}
