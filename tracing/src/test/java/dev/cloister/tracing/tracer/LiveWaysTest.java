package dev.cloister.tracing.tracer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.crypto.storage.SpillCounter;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.Veth;
import dev.cloister.tracing.http.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ways to trace a live link: as it comes, behind it, after it, and more than once. */
@RequiresProgram(
    value = {"ip", "python3"},
    root = true)
@Timeout(60)
final class LiveWaysTest extends OnLiveLink {
  private static final int BLOCK_BYTES = 4096;

  /** A MiB in the store. */
  private static final List<byte[]> BURST = Talk.many(1000);

  private static final List<byte[]> FEW = Talk.many(10);

  private SealedContext seal(int memoryBlocks, int passes) throws IOException {
    return LiveBox.seal(veth, LiveLink.on(Veth.NEAR), spill(memoryBlocks).passes(passes));
  }

  private SpillPlan spill(int memoryBlocks) {
    return SpillStore.in(directory.resolve("spill"))
        .blockBytes(BLOCK_BYTES)
        .memoryBytes((long) memoryBlocks * BLOCK_BYTES)
        .diskBytes(4 << 20);
  }

  @Test
  void aBurstIsCaughtUpWithWhileMoreComes() throws Exception {
    try (var box = seal(16, 1)) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var spill = threads.start(tracer::spill);
      veth.send(Veth.FAR, BURST);
      await(() -> count(box, TraceCounter.RECEIVED) == BURST.size());
      assertThat(count(box, SpillCounter.SPILLED_BYTES)).isPositive();
      var analysis = threads.start(tracer::analyse);
      veth.send(Veth.FAR, BURST);
      await(() -> count(box, TraceCounter.ANALYSED) == 2L * BURST.size());
      // What had waited on disk is given back, but for a block that more would go to.
      assertThat(count(box, SpillCounter.DISK_BYTES)).isLessThanOrEqualTo(BLOCK_BYTES);
      veth.send(Veth.FAR, FEW);
      await(() -> count(box, TraceCounter.ANALYSED) == 2L * BURST.size() + FEW.size());
      veth.remove();
      capture.get();
      analysis.get();
      spill.get();
      assertThat(tracer.summary().lost()).isEmpty();
      // What was sent again has the numbers that it had: the same bytes of the same connections.
      assertThat(tracer.summary().httpRequests()).isEqualTo(3000);
    }
  }

  @Test
  void aLinkIsAnalysedInSeveralPassesAndComesOutOnce() throws Exception {
    try (var box = seal(16, 3)) {
      var tracer = Tracer.in(box).passes(3).parse(Http.parser());
      var spill = threads.start(tracer::spill);
      var capture = threads.start(tracer::capture);
      veth.send(Veth.FAR, BURST);
      veth.remove();
      capture.get();
      spill.get();
      tracer.analyse();
      var summary = tracer.summary();
      assertThat(summary.analysed()).isEqualTo(BURST.size());
      assertThat(summary.lost()).isEmpty();
      assertThat(summary.spilledBytes()).isPositive();
      assertThat(summary.httpRequests()).isEqualTo(3000);
      assertThat(Lab.lines(box)).filteredOn(line -> line.contains("GET")).hasSize(3000);
    }
  }

  /** The copies are made while the segments are on disk, by whoever else can read the files. */
  @Test
  void segmentsThatAreGivenBackAfterTheirReleaseOpenToNobody() throws Exception {
    var copies = Files.createDirectory(directory.resolve("copies"));
    try (var box = seal(0, 2)) {
      var tracer = Tracer.in(box).parse(Http.parser());
      var capture = threads.start(tracer::capture);
      var spill = threads.start(tracer::spill);
      veth.send(Veth.FAR, BURST);
      await(() -> count(box, TraceCounter.RECEIVED) == BURST.size());
      for (var segment : segments(directory.resolve("spill"))) {
        var stored = Files.readAllBytes(segment);
        assertThat(new String(stored, ISO_8859_1)).doesNotContain("HTTP/1");
        Files.write(copies.resolve(segment.getFileName()), stored);
      }
      assertThat(segments(copies)).hasSizeGreaterThan(1);
      var analysis = threads.start(tracer::analyse);
      await(() -> count(box, TraceCounter.ANALYSED) == BURST.size());
      veth.remove();
      capture.get();
      analysis.get();
      spill.get();
      assertThat(segments(directory.resolve("spill"))).isEmpty();
      for (var copy : segments(copies)) {
        Files.copy(copy, directory.resolve("spill").resolve(copy.getFileName()));
      }
      assertNothingIsRead(box.part(SpillStore.class));
    }
  }

  private static void assertNothingIsRead(SpillStore store) {
    try (var reader = store.reader()) {
      reader.seek(0);
      assertThat(reader.next()).isFalse();
      assertThat(reader.isOver()).isTrue();
    }
    assertThat(store.accounting().resident()).isZero();
    assertThat(store.accounting().read()).isEqualTo(BURST.size());
  }

  private static List<Path> segments(Path in) throws IOException {
    try (var files = Files.list(in)) {
      return files.filter(file -> file.toString().contains("segment-")).sorted().toList();
    }
  }
}
