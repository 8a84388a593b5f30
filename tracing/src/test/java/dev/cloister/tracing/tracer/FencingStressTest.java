package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.tracer.Words.Hook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Time passes in leaps while parsers work, so that they are interrupted and fenced off when it
 * comes, and come back when they like: whoever was not overdue has all of its lines.
 */
@Timeout(120)
final class FencingStressTest {
  private static final int RUNS = 10;
  private static final int CONNECTIONS = 30;
  private static final List<byte[]> FRAMES = Talk.many(CONNECTIONS);

  @TempDir private Path directory;
  private final Steps threads = new Steps();

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  @Test
  void whoWasNotOverdueHasAllOfItsLines() throws Exception {
    var expected = Lab.trace(directory, FRAMES, Words.plain());
    for (var seed = 0; seed < RUNS; seed++) {
      try {
        race(new Random(seed), expected);
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void race(Random random, List<String> expected) throws Exception {
    var ticks = new AtomicLong();
    var chance = new Random(random.nextLong());
    // Now and then a call takes until some ticks later, and looks at no interrupt.
    Hook dawdling =
        (_, _, emitter) -> {
          int until;
          synchronized (chance) {
            until = chance.nextInt(20) == 0 ? chance.nextInt(6) : 0;
          }
          var end = ticks.get() + until;
          while (ticks.get() < end) {
            Thread.onSpinWait();
          }
          if (until > 0) {
            emitter.record();
          }
        };
    // No heartbeat: the ledger keeps the latest events alone.
    var plan = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory));
    try (var box = plan.heartbeat(Duration.ofDays(36_500)).seal()) {
      var tracer =
          Tracer.in(box).parserBudget(Trap.BUDGET).spare(threads).parse(new Words(dawdling));
      tracer.capture();
      var analysis = threads.start(tracer::analyse);
      while (!analysis.isDone()) {
        Lab.time(box).advance(Trap.BUDGET.dividedBy(1 + random.nextInt(4)));
        tracer.tick();
        ticks.incrementAndGet();
      }
      analysis.get();
      assertThatOthersAreWhole(box, tracer, expected);
    }
  }

  private static void assertThatOthersAreWhole(
      SealedContext box, Tracer tracer, List<String> expected) {
    var overdue =
        box.ledger().events().stream()
            .filter(entry -> entry.event() == Event.PARSER_INTERRUPTED)
            .map(Entry::number)
            .collect(Collectors.toSet());
    var lines = Lab.lines(box);
    for (var flow = 0L; flow < CONNECTIONS; flow++) {
      if (!overdue.contains(flow)) {
        assertThat(Lab.ofFlow(lines, flow)).isEqualTo(Lab.ofFlow(expected, flow));
      }
    }
    var summary = tracer.summary();
    assertThat(summary.erroneousFlows()).isEqualTo(overdue.size());
    assertThat(summary.analysed()).isEqualTo(FRAMES.size());
    assertThat(summary.tcpFlows()).isEqualTo(CONNECTIONS);
    assertThat(box.ledger().tally(TraceCounter.RECORDS).get()).isEqualTo(lines.size());
    Lab.assertAccountedFor(summary);
  }
}
