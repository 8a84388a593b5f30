package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.testing.HttpTraffic;
import dev.cloister.tracing.testing.MemorySource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole trace, deferred and continuous, in order and out of order. */
@Timeout(60)
final class TracerTest {
  private static final List<byte[]> FRAMES = Talk.many(40);

  @TempDir private Path directory;
  private final Steps threads = new Steps();

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  private SealedContext seal() throws IOException {
    return Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory)).seal();
  }

  private List<String> continuously(int memoryBlocks, int diskBlocks) throws Exception {
    var store = Lab.store(directory, memoryBlocks, diskBlocks);
    try (var box = Lab.plan(MemorySource.of(FRAMES), store).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser(), Words.plain());
      var beat = threads.start(tracer::beat);
      var spill = threads.start(tracer::spill);
      var capture = threads.start(tracer::capture);
      tracer.analyse();
      capture.get();
      spill.get();
      assertThat(beat.isDone()).isFalse();
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
      assertThat(tracer.summary().lost()).isEmpty();
      return Lab.lines(box);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1000})
  void deferredAndContinuousGiveTheSameLines(int memoryBlocks) throws Exception {
    var deferred = Lab.trace(directory, FRAMES, Http.parser(), Words.plain());
    assertThat(deferred).hasSizeGreaterThan(40 * 10);
    assertThat(continuously(memoryBlocks, 0)).isEqualTo(deferred);
    assertThat(continuously(memoryBlocks, 1000)).isEqualTo(deferred);
  }

  @Test
  void aRehearsalGivesNothingAndCountsNothing() throws Exception {
    var once = Lab.trace(directory, FRAMES, Http.parser(), Words.plain());
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.roomy(directory).passes(3)).seal()) {
      var tracer = Tracer.in(box).passes(3).parse(Http.parser(), Words.plain());
      tracer.capture();
      tracer.analyse();
      assertThat(Lab.lines(box)).isEqualTo(once);
      assertThat(tracer.summary().httpRequests()).isEqualTo(120);
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
    }
  }

  @Test
  void theSummaryIsWhatTheLedgerCounted() throws Exception {
    var frames = Talk.many(3);
    frames.add(new byte[] {1});
    try (var box = Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      assertThat(tracer.summary().received()).isZero();
      tracer.capture();
      assertThat(tracer.summary().lost()).containsOnlyKeys("notAnalysed");
      Lab.assertAccountedFor(tracer.summary());
      tracer.analyse();
      var summary = tracer.summary();
      var ledger = box.ledger();
      assertThat(summary.received()).isEqualTo(frames.size());
      assertThat(summary.analysed()).isEqualTo(frames.size());
      assertThat(summary.lost()).isEmpty();
      assertThat(summary.tcpFlows()).isEqualTo(3);
      assertThat(summary.httpRequests()).isEqualTo(9);
      assertThat(summary.httpResponses()).isEqualTo(9);
      assertThat(summary.holeBytes()).isEqualTo(300);
      assertThat(summary.conflictingBytes()).isZero();
      assertThat(summary.evicted())
          .containsOnlyKeys(
              "connections",
              "cutoffs",
              "reordering",
              "buffers",
              "conversations",
              "datagrams",
              "datagramTimeouts")
          .allSatisfy((_, count) -> assertThat(count).isZero());
      assertThat(ledger.tally(TraceCounter.TRUNCATED).get()).isEqualTo(1);
      assertThat(ledger.tally(TraceCounter.RECORDS).get()).isEqualTo(Lab.lines(box).size());
    }
  }

  @Test
  void generatedTrafficGivesARecordForEveryRequest() throws Exception {
    var file = directory.resolve("traffic.pcap");
    var truth = HttpTraffic.of(500).connections(5, 30).dirt(50, 30, 30).write(file);
    try (var box = Lab.plan(PacketFile.at(file), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      assertThat(Lab.lines(box))
          .hasSize((int) truth.requests())
          .allMatch(line -> line.contains("\"outcome\":\"complete\""));
      assertThat(tracer.summary().tcpFlows()).isEqualTo(truth.connections());
      assertThat(tracer.summary().received()).isEqualTo(truth.packets());
    }
  }

  @Test
  void toCaptureTwiceIsAnError() throws Exception {
    try (var box = seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      assertThatIllegalStateException()
          .isThrownBy(tracer::capture)
          .withMessageContaining("captured already");
    }
  }

  @Test
  void toAnalyseTwiceIsAnError() throws Exception {
    try (var box = seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      assertThatIllegalStateException()
          .isThrownBy(tracer::analyse)
          .withMessageContaining("analysed already");
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
    }
  }

  @Test
  void toAnalyseADeferredTraceBeforeItsCaptureIsAnError() throws Exception {
    try (var box = seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      assertThatIllegalStateException()
          .isThrownBy(tracer::analyse)
          .withMessageContaining("when capture() has returned");
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().analysed()).isEqualTo(FRAMES.size());
    }
  }

  @Test
  void morePassesThanTheStoreHasAreAnError() throws Exception {
    try (var box = seal()) {
      var setup = Tracer.in(box).passes(2);
      assertThatIllegalStateException()
          .isThrownBy(() -> setup.parse(Http.parser()))
          .withMessageStartingWith("passes 2: the store has 1 left; declare it with passes(2)");
    }
  }

  @Test
  void aSecondTracerOfAContextIsAnErrorAndTheFirstGoesOn() throws Exception {
    try (var box = seal()) {
      var first = Tracer.in(box).parse(Http.parser());
      var second = Tracer.in(box).parse(Http.parser());
      first.capture();
      first.analyse();
      assertThatIllegalStateException()
          .isThrownBy(second::analyse)
          .withMessageContaining("the store has 0 left");
      assertThat(first.summary().analysed()).isEqualTo(FRAMES.size());
    }
  }

  @Test
  void aClosedContextIsNamedByEveryStep() throws Exception {
    var box = seal();
    var tracer = Tracer.in(box).parse(Http.parser());
    box.close();
    for (Steps.Step step : List.<Steps.Step>of(tracer::capture, tracer::spill, tracer::analyse)) {
      assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(step::run);
    }
    tracer.beat();
    assertThat(tracer.summary().received()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void anEgressThatFailsEndsTheTraceAndNobodyWaitsForIt(int push) throws Exception {
    var file = directory.resolve("traffic.pcap");
    HttpTraffic.of(500).connections(5, 30).write(file);
    var egress = MemoryEgress.named("out").failingAtPush(push);
    try (var box = Lab.plan(PacketFile.at(file), Lab.store(directory, 2, 0), egress).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var spill = threads.start(tracer::spill);
      assertThatIOException().isThrownBy(tracer::analyse).withMessageContaining("push " + push);
      capture.get();
      spill.get();
      assertThatIOException().isThrownBy(tracer::awaitAnalysed);
      assertThat(tracer.summary().lost()).containsKey("noRoom");
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  @Test
  void anInterruptOfTheApplicationEndsEachStep() throws Exception {
    try (var box = seal()) {
      var tracer = Tracer.in(box).parse(Words.plain());
      for (Steps.Step step :
          List.<Steps.Step>of(tracer::capture, tracer::spill, tracer::analyse, tracer::beat)) {
        Thread.currentThread().interrupt();
        step.run();
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(tracer.summary().analysed()).isZero();
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  @Test
  void aSummaryAddsUpAtAnyMoment() throws Exception {
    for (var seed = 0; seed < 10; seed++) {
      var random = new Random(seed);
      var store = Lab.store(directory, 1 + random.nextInt(4), 0);
      try (var box = Lab.plan(MemorySource.of(FRAMES), store).seal()) {
        var tracer = Tracer.in(box).parse(Words.plain());
        var capture = threads.start(tracer::capture);
        var analysis = threads.start(tracer::analyse);
        do {
          Lab.assertAccountedFor(tracer.summary());
        } while (!analysis.isDone());
        capture.get();
        analysis.get();
      }
    }
  }
}
