package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StepBudget;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.tracer.Words.Hook;
import dev.cloister.tracing.tracer.Words.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a user's parser does wrong by itself costs its connection, and nothing of any other; every
 * fault, at every moment. Faults that must be ended from outside are in {@link LostParserTest}.
 */
final class FaultyParserTest {
  private static final int CONNECTIONS = 6;
  private static final long VICTIM = 3;
  private static final List<byte[]> FRAMES = Talk.many(CONNECTIONS);

  @TempDir private Path directory;

  /** What a parser does wrong. */
  enum Fault implements Hook {
    EXCEPTION {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        throw new IllegalStateException("as the test wants");
      }
    },
    CHECKED_EXCEPTION {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        throw unchecked(new IOException("as code in other languages may"));
      }

      @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
      private static <E extends Throwable> RuntimeException unchecked(Throwable any) throws E {
        throw (E) any;
      }
    },
    ERROR {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        throw new Error("as the test wants");
      }
    },
    STACK_OVERFLOW {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        if (flow.number() == VICTIM) {
          at(moment, flow, emitter);
        }
        emitter.count(TraceCounter.HTTP_REQUESTS, 0);
      }
    },
    STACK_OVERFLOW_WHILE_EMITTING {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        try {
          if (flow.number() == VICTIM) {
            at(moment, flow, emitter);
          }
        } finally {
          // Each of these runs at the end of the stack, until there is room for one.
          Words.emit(emitter, "from the depth");
        }
      }
    },
    OUT_OF_MEMORY {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        emitter.count(TraceCounter.HTTP_REQUESTS, new long[Integer.MAX_VALUE].length);
      }
    },
    ENDLESS_LOOP_THAT_EMITS {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        for (var i = 0L; i < Long.MAX_VALUE; i++) {
          Words.emit(emitter, "again " + i);
        }
      }
    },
    ENDLESS_LOOP_THAT_EMITS_MUCH {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        var large = new byte[RawRecord.TEXT_BYTES_MAX];
        for (var i = 0L; i < Long.MAX_VALUE; i++) {
          Words.emit(emitter, large, 0, large.length);
        }
      }
    },
    ENDLESS_LOOP_THAT_COUNTS_ITS_STEPS {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        var steps = new StepBudget();
        steps.allow(1000);
        for (var i = 0L; i < Long.MAX_VALUE; i++) {
          steps.take();
        }
      }
    },
    EMITS_TWICE {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        var found = emitter.record();
        emitter.emit(found);
        emitter.emit(found);
      }
    },
    EMITS_ANOTHER_SCHEMA {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        emitter.emit(Schema.named("undeclared").build().newRecord().clear(flow.number()));
      }
    },
    EMITS_FOR_ANOTHER_FLOW {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        emitter.emit(emitter.record().clear(flow.number() - 1));
      }
    },
    SETS_A_WRONG_ADDRESS {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        var found = emitter.record();
        found.set(Words.SOURCE, new byte[] {10, 0, 0}, 0, 3);
        emitter.emit(found);
      }
    },
    COUNTS_WHAT_WAS_NOT_DECLARED {
      @Override
      public void at(Moment moment, Flow flow, Emitter emitter) {
        emitter.count(() -> "undeclared", 1);
      }
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(Fault.values())
        .flatMap(fault -> Stream.of(Moment.values()).map(moment -> Arguments.of(fault, moment)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultCostsItsConnectionAlone(Fault fault, Moment moment) throws IOException {
    var expected = Lab.trace(directory, FRAMES, Http.parser(), Words.plain());
    var parser = new Words(Hook.when(moment, VICTIM, fault));
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser(), parser);
      tracer.capture();
      tracer.analyse();
      var lines = Lab.lines(box);
      assertThat(Lab.ofOthers(lines, VICTIM)).isEqualTo(Lab.ofOthers(expected, VICTIM));
      var before = Lab.ofFlow(lines, VICTIM);
      assertThat(before).isEqualTo(Lab.ofFlow(expected, VICTIM).subList(0, before.size()));
      var summary = tracer.summary();
      assertThat(summary.erroneousFlows()).isEqualTo(1);
      assertThat(summary.analysed()).isEqualTo(FRAMES.size());
      Lab.assertAccountedFor(summary);
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void whatTheFailingCallEmittedIsDiscardedAndCounted(Moment moment) throws IOException {
    var parser =
        new Words(
            Hook.when(
                moment,
                VICTIM,
                (_, _, emitter) -> {
                  Words.emit(emitter, "half a call");
                  throw new IllegalStateException("as the test wants");
                }));
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(parser);
      tracer.capture();
      tracer.analyse();
      assertThat(Lab.lines(box)).noneMatch(line -> line.contains("half a call"));
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get()).isEqualTo(1);
      assertThat(box.ledger().tally(TraceCounter.RECORDS).get()).isEqualTo(Lab.lines(box).size());
    }
  }

  @Test
  void whatAParserEmitsAfterItsFlowHasEndedIsDiscardedAndCounted() throws IOException {
    var kept = new ArrayList<Emitter>();
    Hook late =
        (moment, flow, emitter) -> {
          if (flow.number() == 0 && moment == Moment.END) {
            kept.add(emitter);
          } else if (flow.number() == 1 && moment == Moment.END) {
            kept.forEach(ended -> Words.emit(ended, "too late"));
          }
        };
    var expected = Lab.trace(directory, FRAMES, Words.plain());
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(new Words(late));
      tracer.capture();
      tracer.analyse();
      assertThat(kept).hasSize(1);
      assertThat(Lab.lines(box)).isEqualTo(expected);
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get()).isEqualTo(1);
      assertThat(tracer.summary().erroneousFlows()).isZero();
    }
  }

  @Test
  void whatIsEmittedFromAnotherThreadIsDiscardedAndCounted() throws IOException {
    Hook elsewhere =
        (_, _, emitter) ->
            CompletableFuture.runAsync(() -> Words.emit(emitter, "elsewhere")).join();
    var expected = Lab.trace(directory, FRAMES, Words.plain());
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal()) {
      var tracer =
          Tracer.in(box).deferred().parse(new Words(Hook.when(Moment.DATA, VICTIM, elsewhere)));
      tracer.capture();
      tracer.analyse();
      assertThat(Lab.lines(box)).isEqualTo(expected);
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get()).isEqualTo(6);
    }
  }

  @Test
  void aParserThatIsThroughWithAConnectionIsNotAsked() throws IOException {
    var asked = new ArrayList<Moment>();
    Hook noting =
        (moment, flow, _) -> {
          if (flow.number() == VICTIM) {
            asked.add(moment);
            if (moment == Moment.DATA) {
              throw new IllegalStateException("as the test wants");
            }
          }
        };
    Lab.trace(directory, FRAMES, new Words(noting));
    assertThat(asked).containsExactly(Moment.OPEN, Moment.DATA);
  }

  @Test
  void everyConnectionMayFail() throws IOException {
    Hook failing =
        (moment, _, _) -> {
          if (moment == Moment.GAP) {
            throw new IllegalStateException("as the test wants");
          }
        };
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(new Words(failing));
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().erroneousFlows()).isEqualTo(CONNECTIONS);
    }
  }

  @Test
  void whatFailedInARehearsalIsLeftOutFromItsBeginning() throws IOException {
    var frames = Talk.many(CONNECTIONS);
    var expected = Lab.trace(directory, frames, Http.parser(), Words.plain());
    var store = Lab.roomy(directory).passes(3);
    try (var box = Lab.plan(MemorySource.of(frames), store).seal()) {
      var parser = new Words(Hook.when(Moment.END, VICTIM, Fault.EXCEPTION));
      var tracer = Tracer.in(box).passes(3).parse(Http.parser(), parser);
      tracer.capture();
      tracer.analyse();
      assertThat(Lab.lines(box)).isEqualTo(Lab.ofOthers(expected, VICTIM));
      assertThat(tracer.summary().erroneousFlows()).isEqualTo(1);
      assertThat(tracer.summary().httpRequests()).isEqualTo(3 * (CONNECTIONS - 1));
      assertThat(tracer.summary().analysed()).isEqualTo(frames.size());
    }
  }
}
