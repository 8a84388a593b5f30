package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.capture.Veth;
import dev.cloister.tracing.http.Http;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tracer on a link of this kernel, sealed: what was sent is analysed, or lost by name. */
@RequiresProgram(
    value = {"ip", "python3", "curl"},
    root = true)
@Timeout(60)
final class LiveTracerTest extends OnLiveLink {
  private SealedContext seal(LiveLink link) throws IOException {
    return seal(link, spill().memoryBytes(16 << 20));
  }

  private SpillPlan spill() {
    return SpillStore.in(directory.resolve("spill"));
  }

  private SealedContext seal(LiveLink link, SpillPlan store) throws IOException {
    return LiveBox.seal(veth, link, store);
  }

  @Test
  void whatProgramsReallySpeakComesOut() throws Exception {
    veth.up("lo");
    var server =
        veth.command(
                "/usr/bin/python3",
                "-m",
                "http.server",
                "--bind",
                "127.0.0.1",
                "--directory",
                "/etc",
                "8000")
            .redirectErrorStream(true)
            .start();
    try (var box = seal(LiveLink.on("lo"))) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var analysis = threads.start(tracer::analyse);
      // The first succeeds when the server listens.
      var url = "http://127.0.0.1:8000/";
      veth.inside("curl", "-s", "--retry", "100", "--retry-connrefused", url + "passwd");
      veth.inside("curl", "-s", url + "passwd", url + "group", url + "services", url + "none");
      while (tracer.summary().httpResponses() < 5) {
        Thread.onSpinWait();
      }
      box.part(PacketSource.class).stop();
      capture.get();
      analysis.get();
      var summary = tracer.summary();
      Lab.assertAccountedFor(summary);
      assertThat(summary.httpRequests()).isEqualTo(5);
      assertThat(summary.holeBytes()).isZero();
      assertThat(Lab.lines(box)).hasSize(5).allMatch(line -> line.contains("\"GET\""));
      assertThat(Lab.lines(box)).filteredOn(line -> line.contains("404")).hasSize(1);
    } finally {
      server.destroy();
    }
  }

  @Test
  void whatIsSentAgainIsCountedFrameByFrame() throws Exception {
    var frames = Talk.many(100);
    try (var box = seal(LiveLink.on(Veth.NEAR))) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var analysis = threads.start(tracer::analyse);
      veth.send(Veth.FAR, frames);
      veth.remove();
      capture.get();
      analysis.get();
      var summary = tracer.summary();
      assertThat(summary.received()).isEqualTo(frames.size());
      assertThat(summary.analysed()).isEqualTo(frames.size());
      assertThat(summary.lost()).isEmpty();
      assertThat(summary.tcpFlows()).isEqualTo(100);
      assertThat(summary.httpRequests()).isEqualTo(300);
    }
  }

  /** The reader stands still until all has been sent. */
  @Test
  void whatFoundTheRingFullIsNamed() throws Exception {
    var frames = Talk.many(200);
    try (var box = seal(LiveLink.on(Veth.NEAR).ring(4 * 4096, 4096))) {
      var tracer = Tracer.in(box).parse(Http.parser());
      veth.send(Veth.FAR, frames);
      veth.remove();
      tracer.capture();
      tracer.analyse();
      var summary = tracer.summary();
      assertThat(summary.received()).isEqualTo(frames.size());
      assertThat(summary.lost()).containsOnlyKeys("ring");
      assertThat(summary.analysed()).isPositive();
      Lab.assertAccountedFor(summary);
    }
  }

  /** There is no thread to spill, and memory for a few blocks alone. */
  @Test
  void whatTheDiskIsNotReadyForWaitsInTheRing() throws Exception {
    var frames = Talk.many(400);
    var store = spill().blockBytes(4096).memoryBytes(0).diskBytes(16 << 20);
    try (var box = seal(LiveLink.on(Veth.NEAR), store)) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      veth.send(Veth.FAR, frames);
      veth.remove();
      tracer.capture();
      tracer.spill();
      tracer.analyse();
      var summary = tracer.summary();
      assertThat(summary.analysed()).isEqualTo(frames.size());
      assertThat(summary.lost()).isEmpty();
      assertThat(summary.spilledBytes()).isPositive();
    }
  }

  @Test
  void whatAClosingContextLeavesInTheRingIsNamed() throws Exception {
    var frames = Talk.many(200);
    var box = seal(LiveLink.on(Veth.NEAR));
    try (box) {
      veth.send(Veth.FAR, frames);
      Thread.currentThread().interrupt();
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(tracer.summary().received()).isEqualTo(frames.size());
      assertThat(tracer.summary().lost()).isEqualTo(Map.of("unread", (long) frames.size()));
    }
    assertThat(box.ledger().tally(TraceCounter.LOST_UNREAD).get()).isEqualTo(frames.size());
  }

  @Test
  void aContextMayCloseWhileFramesCome() throws Exception {
    var frames = Talk.many(500);
    for (var round = 0; round < 5; round++) {
      var box = seal(LiveLink.on(Veth.NEAR).ring(16 * 4096, 4096));
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var analysis = threads.start(tracer::analyse);
      var sending = threads.start(() -> veth.send(Veth.FAR, frames));
      while (tracer.summary().analysed() == 0 || tracer.summary().received() < 1000L * round) {
        Thread.onSpinWait();
      }
      box.close();
      capture.get();
      analysis.get();
      sending.get();
      Lab.assertAccountedFor(tracer.summary());
      assertThat(box.ledger().events())
          .noneMatch(entry -> entry.event() == Event.USERS_OVERDUE)
          .anyMatch(entry -> entry.event() == Event.CLOSED);
    }
  }

  @Test
  void anInterfaceThatIsRemovedEndsTheTraceAndIsTold() throws Exception {
    var frames = Talk.many(50);
    var box = seal(LiveLink.on(Veth.NEAR));
    try (box) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var beat = threads.start(tracer::beat);
      var spill = threads.start(tracer::spill);
      var capture = threads.start(tracer::capture);
      var analysis = threads.start(tracer::analyse);
      veth.send(Veth.FAR, frames);
      veth.remove();
      capture.get();
      analysis.get();
      spill.get();
      assertThat(beat.isDone()).isFalse();
      assertThat(tracer.summary().analysed()).isEqualTo(frames.size());
      assertThat(tracer.summary().lost()).isEmpty();
      assertThat(box.part(PacketSource.class).damage().orElseThrow().what())
          .isEqualTo("the interface was removed");
    }
    assertThat(box.ledger().events())
        .contains(new Entry(Event.LINK_GONE, frames.size()))
        .endsWith(new Entry(Event.CLOSED, 0));
    assertThat(box.ledger().tally(TraceCounter.LINKS_GONE).get()).isOne();
    assertThat(Lab.verdict(directory, box)).isEqualTo(Word.VALID);
  }

  @Test
  void aLabIsRefusedALink() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveBox.plan(Guarantees.lab(), LiveLink.on(Veth.NEAR), spill()).seal())
        .withMessage("ingress \"capture\" does not run in lab mode");
  }
}
