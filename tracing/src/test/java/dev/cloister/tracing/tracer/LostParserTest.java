package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.SealedFailure;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.tracer.Words.Hook;
import dev.cloister.tracing.tracer.Words.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A user's parser that does not come back is interrupted, then fenced off: analysis goes on without
 * it or ends with that cause. Time passes when the test says so, so no honest parser is ever late.
 */
@Timeout(60)
final class LostParserTest {
  private static final int CONNECTIONS = 6;
  private static final long VICTIM = 3;
  private static final List<byte[]> FRAMES = Talk.many(CONNECTIONS);

  @TempDir private Path directory;
  private final Steps threads = new Steps();

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  private SealedContext seal(List<byte[]> frames) throws IOException {
    return Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal();
  }

  private static Tracer.Setup setup(SealedContext box) {
    return Tracer.in(box).deferred().parserBudget(Trap.BUDGET);
  }

  /** How many exchanges HTTP, which is asked first, has open when the other parser fails. */
  private static long begunByHttp(Moment moment) {
    return moment == Moment.OPEN || moment == Moment.DATA ? 1 : 0;
  }

  private static Words caughtAt(Moment moment, Trap trap) {
    return new Words(Hook.when(moment, VICTIM, trap));
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void oneThatHeedsItsInterruptionCostsItsConnectionAlone(Moment moment) throws Exception {
    var expected = Lab.trace(directory, FRAMES, Http.parser(), Words.plain());
    var trap = Trap.heedingInterrupts();
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).parse(Http.parser(), caughtAt(moment, trap));
      tracer.capture();
      var analysis = threads.start(tracer::analyse);
      trap.interrupt(box, tracer);
      analysis.get();
      assertCostsTheVictimAlone(box, tracer, expected);
      assertThat(box.ledger().events()).endsWith(new Entry(Event.PARSER_INTERRUPTED, VICTIM));
      // Two in the trap, what it emits when it is out, and what HTTP had begun.
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get())
          .isEqualTo(3 + begunByHttp(moment));
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void oneThatIgnoresItsInterruptionIsFencedOffAndAnalysisGoesOn(Moment moment) throws Exception {
    var expected = Lab.trace(directory, FRAMES, Http.parser(), Words.plain());
    var trap = Trap.ignoringInterrupts();
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).spare(threads).parse(Http.parser(), caughtAt(moment, trap));
      tracer.capture();
      var lost = threads.start(tracer::analyse);
      trap.fence(box, tracer);
      tracer.awaitAnalysed();
      assertCostsTheVictimAlone(box, tracer, expected);
      assertThat(box.ledger().events())
          .endsWith(
              new Entry(Event.PARSER_INTERRUPTED, VICTIM), new Entry(Event.PARSER_FENCED, VICTIM));
      var begun = begunByHttp(moment);
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get()).isEqualTo(1 + begun);
      trap.open();
      lost.get();
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get())
          .isEqualTo((moment == Moment.OPEN ? 2 : 3) + begun);
      assertCostsTheVictimAlone(box, tracer, expected);
    }
  }

  private static void assertCostsTheVictimAlone(
      SealedContext box, Tracer tracer, List<String> expected) {
    var lines = Lab.lines(box);
    assertThat(Lab.ofOthers(lines, VICTIM)).isEqualTo(Lab.ofOthers(expected, VICTIM));
    assertThat(lines).noneMatch(line -> line.contains("the trap"));
    var summary = tracer.summary();
    assertThat(summary.erroneousFlows()).isEqualTo(1);
    assertThat(summary.analysed()).isEqualTo(summary.received());
    Lab.assertAccountedFor(summary);
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void withoutASpareTheTraceEndsWithThatCauseAndWhatItHad(Moment moment) throws Exception {
    var expected = Lab.trace(directory, FRAMES, Words.plain());
    var trap = Trap.ignoringInterrupts();
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).parse(caughtAt(moment, trap));
      tracer.capture();
      var lost = threads.start(tracer::analyse);
      trap.fence(box, tracer);
      assertThatExceptionOfType(SealedFailure.class)
          .isThrownBy(tracer::awaitAnalysed)
          .withMessageStartingWith("parser failed at 3")
          .withStackTraceContaining("there is no spare executor");
      var lines = Lab.lines(box);
      assertThat(lines).isNotEmpty().isEqualTo(expected.subList(0, lines.size()));
      assertThat(tracer.summary().erroneousFlows()).isEqualTo(1);
      assertThat(tracer.summary().analysed()).isPositive();
      Lab.assertAccountedFor(tracer.summary());
      trap.open();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(lost::get)
          .withCauseInstanceOf(SealedFailure.class);
      assertThat(Lab.lines(box)).isEqualTo(lines);
    }
  }

  @Test
  void aSpareThatRefusesIsNone() throws Exception {
    var trap = Trap.ignoringInterrupts();
    try (var box = seal(FRAMES)) {
      var tracer =
          setup(box)
              .spare(_ -> {
                throw new RejectedExecutionException("as the test wants");
              })
              .parse(caughtAt(Moment.DATA, trap));
      tracer.capture();
      var lost = threads.start(tracer::analyse);
      trap.fence(box, tracer);
      assertThatExceptionOfType(SealedFailure.class)
          .isThrownBy(tracer::awaitAnalysed)
          .withStackTraceContaining("as the test wants");
      trap.open();
      assertThatExceptionOfType(ExecutionException.class).isThrownBy(lost::get);
    }
  }

  @Test
  void aParserThatIsLostInsideOpenIsGivenNothingAnyMore() throws Exception {
    var trap = Trap.ignoringInterrupts();
    var asked = new AtomicInteger();
    Hook hook =
        (moment, flow, emitter) -> {
          if (flow.number() == VICTIM) {
            asked.incrementAndGet();
            trap.at(moment, flow, emitter);
          }
        };
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).spare(threads).parse(new Words(hook));
      trap.lose(box, tracer, threads);
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void eachSuccessorMayBeLostToo() throws Exception {
    var expected = Lab.trace(directory, FRAMES, Words.plain());
    var traps = List.of(Trap.ignoringInterrupts(), Trap.ignoringInterrupts());
    Hook hook =
        (moment, flow, emitter) -> {
          if (moment == Moment.GAP && flow.number() < traps.size()) {
            traps.get((int) flow.number()).at(moment, flow, emitter);
          }
        };
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).spare(threads).parse(new Words(hook));
      tracer.capture();
      var lost = threads.start(tracer::analyse);
      traps.get(0).fence(box, tracer);
      traps.get(1).fence(box, tracer);
      tracer.awaitAnalysed();
      assertThat(Lab.ofOthers(Lab.ofOthers(Lab.lines(box), 0), 1))
          .isEqualTo(Lab.ofOthers(Lab.ofOthers(expected, 0), 1));
      assertThat(tracer.summary().erroneousFlows()).isEqualTo(2);
      traps.get(1).open();
      traps.get(0).open();
      lost.get();
    }
  }

  @Test
  void whatWasCountedBeforeAFenceIsCountedAfterIt() throws Exception {
    var frames = new ArrayList<byte[]>();
    frames.add(new byte[] {1, 2, 3});
    frames.addAll(FRAMES);
    frames.add(new byte[] {4, 5});
    var trap = Trap.ignoringInterrupts();
    try (var box = seal(frames)) {
      var tracer = setup(box).spare(threads).parse(caughtAt(Moment.DATA, trap));
      trap.lose(box, tracer, threads);
      assertThat(box.ledger().tally(TraceCounter.TRUNCATED).get()).isEqualTo(2);
      assertThat(tracer.summary().analysed()).isEqualTo(frames.size());
    }
  }

  @Test
  void closingTheContextEndsAParserThatIsLost() throws Exception {
    for (var trap : List.of(Trap.heedingInterrupts(), Trap.ignoringInterrupts())) {
      var box = seal(FRAMES);
      var tracer = setup(box).spare(threads).parse(caughtAt(Moment.DATA, trap));
      var beat = threads.start(tracer::beat);
      tracer.capture();
      var lost = threads.start(tracer::analyse);
      trap.awaitEntered();
      var closing = threads.start(box::close);
      while (!beat.isDone()) {
        Lab.time(box).advance(Trap.BUDGET);
        Thread.onSpinWait();
      }
      tracer.awaitAnalysed();
      closing.get();
      trap.open();
      lost.get();
      assertThat(box.ledger().events()).noneMatch(entry -> entry.event() == Event.USERS_OVERDUE);
      assertThat(tracer.summary().erroneousFlows()).isEqualTo(1);
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  @Test
  void anHonestParserIsNotInterruptedHoweverManyCallsItTakes() throws Exception {
    try (var box = seal(FRAMES)) {
      // A third of the budget: the first call opens the connection and takes its first data.
      Hook slow = (_, _, _) -> Lab.time(box).advance(Trap.BUDGET.dividedBy(3));
      var tracer = setup(box).parse(new Words(slow));
      tracer.capture();
      var analysis = threads.start(tracer::analyse);
      while (!analysis.isDone()) {
        tracer.tick();
      }
      analysis.get();
      assertThat(tracer.summary().erroneousFlows()).isZero();
    }
  }

  @Test
  void anEmitterOfALostConnectionGivesNothingOutForItsSuccessors() throws Exception {
    var trap = Trap.ignoringInterrupts();
    var kept = new ArrayList<Emitter>();
    Hook hook =
        (moment, flow, emitter) -> {
          if (moment == Moment.DATA && flow.number() == 0 && kept.isEmpty()) {
            kept.add(emitter);
            trap.at(moment, flow, emitter);
          } else if (moment == Moment.END) {
            kept.forEach(lost -> Words.emit(lost, "from the trap"));
          }
        };
    try (var box = seal(FRAMES)) {
      var tracer = setup(box).spare(threads).parse(new Words(hook));
      trap.lose(box, tracer, threads);
      assertThat(Lab.ofFlow(Lab.lines(box), 0)).isEmpty();
      assertThat(box.ledger().tally(TraceCounter.FENCED_RECORDS).get())
          .isEqualTo(3 + CONNECTIONS - 1);
    }
  }
}
