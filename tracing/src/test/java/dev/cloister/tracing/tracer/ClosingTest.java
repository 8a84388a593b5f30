package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.tracer.Words.Hook;
import dev.cloister.tracing.tracer.Words.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A context may be closed in the middle of each step: it returns, and all is accounted for. */
@Timeout(60)
final class ClosingTest {
  private static final List<byte[]> FRAMES = Talk.many(100);
  private static final int RUNS = 40;

  @TempDir private Path directory;
  private final Steps threads = new Steps();

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  private static SealedContext seal(SpillPlan store) throws IOException {
    return Lab.plan(MemorySource.of(FRAMES), store).seal();
  }

  private void assertEndedWell(SealedContext box, Tracer tracer) throws IOException {
    Lab.assertAccountedFor(tracer.summary());
    assertThat(box.ledger().events())
        .noneMatch(entry -> entry.event() == Event.USERS_OVERDUE)
        .anyMatch(entry -> entry.event() == Event.CLOSED);
    var out = box.part(MemoryEgress.class);
    var verdict =
        HeartbeatVerifier.trustingTheFirst()
            .verify(
                Files.writeString(directory.resolve("heartbeats"), out.heartbeatsText()),
                Files.writeString(directory.resolve("trace"), out.linesText()));
    assertThat(verdict.word()).isEqualTo(Word.VALID);
  }

  @Test
  void aCaptureThatWaitsForRoomReturns() throws Exception {
    var box = seal(Lab.store(directory, 1, 0));
    var tracer = Tracer.in(box).parse(Http.parser());
    var capture = threads.start(tracer::capture);
    while (tracer.summary().received() == 0) {
      Thread.onSpinWait();
    }
    assertThat(capture.isDone()).isFalse();
    box.close();
    capture.get();
    assertThat(tracer.summary().lost()).containsKey("closed");
    assertEndedWell(box, tracer);
  }

  @Test
  void aSpillThatWaitsForBlocksReturns() throws Exception {
    var box = seal(Lab.store(directory, 1, 10));
    var tracer = Tracer.in(box).parse(Http.parser());
    var spill = threads.start(tracer::spill);
    box.close();
    returned(spill);
    assertEndedWell(box, tracer);
  }

  /** A step that was begun too late is told so. */
  private static void returned(Future<?> step) throws InterruptedException {
    try {
      step.get();
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(ContextDestroyed.class);
    }
  }

  @Test
  void anAnalysisThatWaitsForFramesReturns() throws Exception {
    var box = seal(Lab.roomy(directory));
    var tracer = Tracer.in(box).parse(Http.parser());
    var analysis = threads.start(tracer::analyse);
    box.close();
    returned(analysis);
    assertEndedWell(box, tracer);
  }

  @Test
  void aBeatReturns() throws Exception {
    var box = seal(Lab.roomy(directory));
    var tracer = Tracer.in(box).parse(Http.parser());
    var beat = threads.start(tracer::beat);
    box.close();
    beat.get();
    assertEndedWell(box, tracer);
  }

  @Test
  void anAnalysisThatIsInsideAParserLetsOutWhatItHad() throws Exception {
    var box = seal(Lab.roomy(directory));
    var closings = new ArrayList<Future<?>>();
    Hook closing =
        (_, _, _) -> {
          closings.add(threads.start(box::close));
          while (box.isOpen()) {
            Thread.onSpinWait();
          }
        };
    var tracer = Tracer.in(box).parse(new Words(Hook.when(Moment.DATA, 50, closing)));
    tracer.capture();
    tracer.analyse();
    var lines = Lab.lines(box);
    assertThat(lines)
        .anyMatch(line -> line.contains("GET /0"))
        .anyMatch(line -> line.contains("end CAPTURE_ENDED"))
        .noneMatch(line -> line.contains("GET /2"));
    assertThat(tracer.summary().lost()).isNotEmpty();
    closings.getFirst().get();
    assertEndedWell(box, tracer);
  }

  @Test
  void aCloseAtAnyMomentEndsEveryStep() throws Exception {
    for (var seed = 0; seed < RUNS; seed++) {
      try {
        closeAtAMoment(new Random(seed));
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void closeAtAMoment(Random random) throws Exception {
    var passes = 1 + random.nextInt(2);
    var box = seal(Lab.store(directory, 1 + random.nextInt(4), random.nextInt(20)).passes(passes));
    var moment = random.nextInt(FRAMES.size());
    var tracer = Tracer.in(box).passes(passes).parse(Http.parser(), Words.plain());
    var steps = new ArrayList<Future<?>>();
    steps.add(threads.start(tracer::beat));
    steps.add(threads.start(tracer::spill));
    if (passes == 1) {
      steps.add(threads.start(tracer::capture));
      steps.add(threads.start(tracer::analyse));
    } else {
      steps.add(
          threads.start(() -> {
            tracer.capture();
            tracer.analyse();
          }));
    }
    while (tracer.summary().received() < moment) {
      Thread.onSpinWait();
    }
    for (var i = random.nextInt(2000); i > 0; i--) {
      Thread.onSpinWait();
    }
    box.close();
    for (var step : steps) {
      returned(step);
    }
    assertEndedWell(box, tracer);
  }
}
