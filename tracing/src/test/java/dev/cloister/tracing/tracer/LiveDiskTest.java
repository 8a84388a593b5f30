package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.crypto.storage.Loss;
import dev.cloister.crypto.storage.SpillCounter;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.Veth;
import dev.cloister.tracing.http.Http;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A tracer on a live link whose disk is full, or holds what is written to it: it goes on, and what
 * was sent is analysed, or lost by name. Nothing is kept in memory but on its way to disk.
 */
@RequiresProgram(
    value = {"ip", "python3", "mount", "mkfs.ext4", "fsfreeze"},
    root = true)
@Timeout(60)
final class LiveDiskTest extends OnLiveLink {
  private static final LiveLink LINK = LiveLink.on(Veth.NEAR);
  private static final int BLOCK_BYTES = 4096;

  /** A MiB in the store, and a hundredth of it. */
  private static final List<byte[]> MANY = Talk.many(1000);

  private static final List<byte[]> FEW = Talk.many(10);

  private static SpillPlan spill(Disk disk, long bytes) {
    return SpillStore.in(disk.path().resolve("spill"))
        .blockBytes(BLOCK_BYTES)
        .memoryBytes(0)
        .diskBytes(bytes);
  }

  /** A tracer at work, whose analysis begins when the test wants. */
  private final class Trace {
    private final SealedContext box;
    private final Tracer tracer;
    private final Future<?> capture;
    private final Future<?> spill;
    private @Nullable Future<?> analysis;

    Trace(SealedContext box) {
      this.box = box;
      this.tracer = Tracer.in(box).parse(Http.parser());
      this.capture = threads.start(tracer::capture);
      this.spill = threads.start(tracer::spill);
    }

    void analyse() {
      analysis = threads.start(tracer::analyse);
    }

    /** Waits until so many frames were analysed or lost by a cause. */
    void awaitDone(long frames, Counter loss) throws InterruptedException {
      await(() -> count(box, TraceCounter.ANALYSED) + count(box, loss) == frames);
    }

    /** Waits until there is no room but on the disk. */
    void awaitFullMemory() throws InterruptedException {
      var full = (long) SpillPlan.STAGING_BLOCKS * BLOCK_BYTES;
      await(() -> count(box, SpillCounter.MEMORY_BYTES) == full);
    }

    TraceSummary end() throws Exception {
      veth.remove();
      capture.get();
      Objects.requireNonNull(analysis).get();
      spill.get();
      Lab.assertAccountedFor(tracer.summary());
      return tracer.summary();
    }
  }

  @Test
  void aFullDiskCostsWhatItCannotHoldAndNothingWhenItHasRoomAgain() throws Exception {
    try (var disk = Disk.ofMemory(directory, 512 << 10)) {
      var box = LiveBox.seal(veth, LINK, spill(disk, 1 << 20));
      try (box) {
        var trace = new Trace(box);
        veth.send(Veth.FAR, MANY);
        await(() ->
            count(box, TraceCounter.RECEIVED) == MANY.size() && count(box, Loss.DISK_FULL) > 0);
        trace.analyse();
        trace.awaitDone(MANY.size(), Loss.DISK_FULL);
        var lost = count(box, Loss.DISK_FULL);
        veth.send(Veth.FAR, FEW);
        trace.awaitDone(MANY.size() + FEW.size(), Loss.DISK_FULL);
        var summary = trace.end();
        assertThat(summary.received()).isEqualTo(MANY.size() + FEW.size());
        assertThat(summary.lost()).containsOnlyKeys("diskFull").containsEntry("diskFull", lost);
        assertThat(summary.analysed()).isGreaterThan(FEW.size());
        assertThat(box.ledger().events()).anyMatch(entry -> entry.event() == Event.STORE_LOSS);
      }
      assertThat(Lab.verdict(directory, box)).isEqualTo(Word.VALID);
    }
  }

  @Test
  void aDiskThatOthersFillAndEmptyCostsNothingButByThatName() throws Exception {
    try (var disk = Disk.ofMemory(directory, 512 << 10);
        var box = LiveBox.seal(veth, LINK, spill(disk, 1 << 20))) {
      var trace = new Trace(box);
      trace.analyse();
      for (var round = 0; round < 3; round++) {
        disk.fill();
        veth.send(Veth.FAR, MANY);
        disk.empty();
        veth.send(Veth.FAR, FEW);
      }
      var summary = trace.end();
      assertThat(summary.received()).isEqualTo(3L * (MANY.size() + FEW.size()));
      assertThat(Set.of("diskFull")).containsAll(summary.lost().keySet());
      assertThat(summary.analysed()).isPositive();
    }
  }

  /** All that has room in memory is on its way to a disk that takes nothing. */
  @Test
  void whatComesWhileTheDiskHoldsAWriteIsAnalysedFromMemory() throws Exception {
    try (var disk = Disk.onALoop(directory, 32 << 20);
        var box = LiveBox.seal(veth, LINK, spill(disk, 16 << 20))) {
      Trace trace;
      try (var _ = disk.hold()) {
        trace = new Trace(box);
        veth.send(Veth.FAR, MANY);
        trace.awaitFullMemory();
        trace.analyse();
        await(() -> count(box, TraceCounter.ANALYSED) == MANY.size());
        assertThat(count(box, SpillCounter.SPILLED_BYTES)).isZero();
      }
      var summary = trace.end();
      assertThat(summary.lost()).isEmpty();
      assertThat(summary.spilledBytes()).isPositive();
    }
  }

  @Test
  void aDiskThatHoldsWritesForSecondsCostsNothingThatTheRingHolds() throws Exception {
    try (var disk = Disk.onALoop(directory, 32 << 20);
        var box = LiveBox.seal(veth, LINK, spill(disk, 16 << 20))) {
      var trace = new Trace(box);
      veth.send(Veth.FAR, MANY);
      await(() -> count(box, TraceCounter.RECEIVED) == MANY.size());
      try (var _ = disk.hold()) {
        // It reads what was written before, and cannot give it back.
        trace.analyse();
        veth.send(Veth.FAR, MANY);
        TimeUnit.SECONDS.sleep(2);
      }
      await(() -> count(box, TraceCounter.ANALYSED) == 2L * MANY.size());
      veth.send(Veth.FAR, FEW);
      var summary = trace.end();
      assertThat(summary.analysed()).isEqualTo(2L * MANY.size() + FEW.size());
      assertThat(summary.lost()).isEmpty();
    }
  }

  @Test
  void whatAHeldDiskLeavesNoRoomForIsLostInTheRingByName() throws Exception {
    try (var disk = Disk.onALoop(directory, 32 << 20);
        var box = LiveBox.seal(veth, LINK.ring(16 * 4096, 4096), spill(disk, 16 << 20))) {
      Trace trace;
      try (var _ = disk.hold()) {
        trace = new Trace(box);
        veth.send(Veth.FAR, MANY);
      }
      trace.analyse();
      trace.awaitDone(MANY.size(), TraceCounter.LOST_IN_RING);
      var analysed = count(box, TraceCounter.ANALYSED);
      veth.send(Veth.FAR, FEW);
      trace.awaitDone(MANY.size() + FEW.size(), TraceCounter.LOST_IN_RING);
      var summary = trace.end();
      assertThat(summary.received()).isEqualTo(MANY.size() + FEW.size());
      assertThat(summary.lost()).containsOnlyKeys("ring");
      assertThat(analysed).isPositive();
      assertThat(summary.analysed()).isEqualTo(analysed + FEW.size());
    }
  }

  /** The thread that is inside the held write can be neither woken nor waited for. */
  @Test
  void aContextThatClosesLetsTheCaptureGoThoughTheDiskHoldsAWrite() throws Exception {
    try (var disk = Disk.onALoop(directory, 32 << 20)) {
      Trace trace;
      Future<?> closing;
      var box = LiveBox.seal(veth, LINK, spill(disk, 16 << 20));
      try (var _ = disk.hold()) {
        trace = new Trace(box);
        veth.send(Veth.FAR, MANY);
        trace.awaitFullMemory();
        closing = threads.start(box::close);
        trace.capture.get();
        Lab.assertAccountedFor(trace.tracer.summary());
        assertThat(trace.spill.isDone()).isFalse();
      }
      closing.get();
      trace.spill.get();
      Lab.assertAccountedFor(trace.tracer.summary());
      assertThat(trace.tracer.summary().received()).isEqualTo(MANY.size());
    }
  }
}
