package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.testing.PcapWriter;
import dev.cloister.tracing.tracer.ParserWatch.Due;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock goes back by an hour: the box's, the one that should never, or that of the packets. */
@Timeout(60)
final class ClockStepTest {
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofHours(1);
  private static final List<byte[]> FRAMES = Talk.many(100);

  @TempDir private Path directory;
  private final Steps threads = new Steps();
  private final Clocks clocks = new Clocks(Instant.parse("2026-01-02T03:04:05Z"));

  private SealedContext seal() throws IOException {
    return Lab.plan(MemorySource.of(FRAMES), Lab.store(directory, 3, 10_000))
        .time(clocks)
        .heartbeat(PERIOD)
        .seal();
  }

  /** Lets some periods pass, each of which brings a heartbeat. */
  private void beats(SealedContext box, Tracer tracer, int periods) throws IOException {
    for (var i = 0; i < periods; i++) {
      var before = box.part(MemoryEgress.class).heartbeats().size();
      clocks.advance(PERIOD);
      assertThat(tracer.tick()).isBetween(0L, PERIOD.toNanos());
      assertThat(box.part(MemoryEgress.class).heartbeats()).hasSize(before + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDeferredTraceGoesOnAndItsHeartbeatsStayInOrder(boolean both) throws IOException {
    var box = seal();
    try (box) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      beats(box, tracer, 3);
      tracer.capture();
      clocks.goBack(STEP, both);
      beats(box, tracer, 3);
      tracer.spill();
      tracer.analyse();
      beats(box, tracer, 3);
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
      assertThat(tracer.summary().lost()).isEmpty();
      assertThat(tracer.summary().httpRequests()).isEqualTo(300);
    }
    assertThat(Lab.verdict(directory, box)).isEqualTo(Word.VALID);
  }

  /** The step comes when the analysis is in the middle, and the other threads are at work. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aContinuousTraceGoesOnAndItsHeartbeatsStayInOrder(boolean both) throws Exception {
    var box = seal();
    try (box) {
      Words.Hook stepping =
          Words.Hook.when(Words.Moment.GAP, 50, (_, _, _) -> clocks.goBack(STEP, both));
      var tracer = Tracer.in(box).parse(new Words(stepping));
      beats(box, tracer, 3);
      var beat = threads.start(tracer::beat);
      var spill = threads.start(tracer::spill);
      var capture = threads.start(tracer::capture);
      tracer.analyse();
      capture.get();
      spill.get();
      var before = box.part(MemoryEgress.class).heartbeats().size();
      clocks.advance(PERIOD);
      while (box.part(MemoryEgress.class).heartbeats().size() == before) {
        Thread.sleep(1);
      }
      assertThat(beat.isDone()).isFalse();
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
      assertThat(tracer.summary().erroneousFlows()).isZero();
      Lab.assertAccountedFor(tracer.summary());
    } finally {
      threads.close();
    }
    assertThat(Lab.verdict(directory, box)).isEqualTo(Word.VALID);
  }

  @Test
  void aStoreThatFillsIsStillToldOf() throws IOException {
    try (var box =
        Lab.plan(MemorySource.of(FRAMES), Lab.store(directory, 40, 0)).time(clocks).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      seconds(tracer, 20);
      clocks.goBack(STEP, true);
      seconds(tracer, 12);
      tracer.capture();
      seconds(tracer, 2);
      assertThat(box.ledger().events()).anyMatch(entry -> entry.event() == Event.BUFFER_FILLING);
    }
  }

  private void seconds(Tracer tracer, int count) throws IOException {
    for (var i = 0; i < count; i++) {
      tracer.tick();
      clocks.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void aParserThatTakesTooLongIsStillInterrupted() {
    var watch = new ParserWatch(clocks, Trap.BUDGET);
    watch.own();
    watch.enter(7);
    clocks.goBack(STEP, true);
    assertThat(watch.look()).isEqualTo(Due.NOTHING);
    clocks.advance(Trap.BUDGET);
    assertThat(watch.look()).isEqualTo(Due.INTERRUPTED);
    assertThat(watch.leave()).isTrue();
  }

  /** The packets' clock goes back in the middle, or from each packet to the next. */
  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void packetsOfTheHourBeforeAreAnalysedAsOthers(boolean always, boolean deferred)
      throws IOException {
    IntToLongFunction step =
        i -> (always ? i % 2 == 1 : i > FRAMES.size() / 2) ? -STEP.toNanos() : 0;
    var straight = traced(_ -> 0, deferred);
    var stepping = traced(step, deferred);
    assertThat(stepping.analysed()).isEqualTo(FRAMES.size());
    assertThat(stepping).isEqualTo(straight);
  }

  private TraceSummary traced(IntToLongFunction step, boolean deferred) throws IOException {
    var file = directory.resolve("capture.pcap");
    try (var out = PcapWriter.to(file)) {
      for (var i = 0; i < FRAMES.size(); i++) {
        var micros = STEP.toNanos() / 1000 * 2 + i * 1000L + step.applyAsLong(i) / 1000;
        out.write(micros * 1000, FRAMES.get(i));
      }
    }
    try (var box = Lab.plan(PacketFile.at(file), Lab.roomy(directory)).seal()) {
      var setup = Tracer.in(box);
      var tracer = (deferred ? setup.deferred() : setup).parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      return tracer.summary();
    }
  }
}
