package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.crypto.storage.Loss;
import dev.cloister.crypto.storage.SpillCounter;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.sink.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A working day and the night after it, on a clock of the test's: more comes by day than can be
 * analysed, the night makes up for it, and nothing grows from one hour to the next.
 */
@Timeout(120)
final class DayTest {
  private static final Instant MORNING = Instant.parse("2026-01-05T06:00:00Z");
  private static final int BLOCK_BYTES = 4096;

  /** An eighth of the disk is a segment: there is one more of them, while it is being filled. */
  private static final int SEGMENTS_MOST = 9;

  /** What the JIT and the tables of connections may take beside. */
  private static final long HEAP_GROWS_MOST = 48L << 20;

  /** Connections in a minute that come, and that can be analysed. */
  private static final int BY_DAY = 30;

  private static final int BY_EVENING = 12;
  private static final int BY_NIGHT = 5;
  private static final int ANALYSED = 18;

  /** Pieces of data of one connection, each of which the parser takes its time for. */
  private static final int PIECES = 6;

  @TempDir private Path directory;
  private final Steps threads = new Steps();
  private final Clocks clocks = new Clocks(MORNING);
  private final FedLink link = new FedLink();
  private final Semaphore pieces = new Semaphore(0);

  /** Of each hour. */
  private final List<Integer> openFiles = new ArrayList<>();

  private final List<Integer> segments = new ArrayList<>();
  private final List<Long> heap = new ArrayList<>();
  private final List<Long> onDisk = new ArrayList<>();
  private boolean isToldBeforeLoss;
  private int connections;
  private long fed;

  @AfterEach
  void endAll() {
    threads.close();
  }

  private SealedContext seal(long diskBytes) throws IOException {
    var store =
        SpillStore.in(directory.resolve("spill"))
            .blockBytes(BLOCK_BYTES)
            .memoryBytes(64 * BLOCK_BYTES)
            .diskBytes(diskBytes);
    return Lab.plan(link, store, JsonLines.to(directory.resolve("out")))
        .time(clocks)
        .heartbeat(Duration.ofMinutes(1))
        .seal();
  }

  private static int perMinute(int hour) {
    if (hour >= 8 && hour < 18) {
      return BY_DAY;
    }
    return hour >= 18 && hour < 22 ? BY_EVENING : BY_NIGHT;
  }

  private static long count(SealedContext box, Counter counter) {
    return box.ledger().tally(counter).get();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(20_000);
    }
  }

  /** Lives through the hours with a parser that is slow, and returns what they came to. */
  private TraceSummary live(SealedContext box, int hours) throws Exception {
    Words.Hook slow =
        (moment, _, _) -> {
          if (moment == Words.Moment.DATA) {
            pieces.acquireUninterruptibly();
          }
        };
    var tracer = Tracer.in(box).parserBudget(Duration.ofDays(2)).parse(new Words(slow));
    var spill = threads.start(tracer::spill);
    var capture = threads.start(tracer::capture);
    var analysis = threads.start(tracer::analyse);
    for (var minute = 0; minute < hours * 60; minute++) {
      if (minute % 60 == 0) {
        look(box);
      }
      minute(box, tracer);
    }
    link.end();
    pieces.release(PIECES * connections);
    capture.get();
    analysis.get();
    spill.get();
    look(box);
    return tracer.summary();
  }

  private void minute(SealedContext box, Tracer tracer) throws IOException {
    var frames = new ArrayList<byte[]>();
    for (var i = perMinute(clocks.now().atZone(ZoneOffset.UTC).getHour()); i > 0; i--) {
      talk(frames);
    }
    link.feed(frames, clocks.now());
    fed += frames.size();
    pieces.drainPermits();
    pieces.release(PIECES * ANALYSED);
    await(() -> count(box, TraceCounter.RECEIVED) == fed);
    await(() ->
        (pieces.hasQueuedThreads() && pieces.availablePermits() == 0)
            || count(box, TraceCounter.ANALYSED) + count(box, Loss.NO_ROOM) == fed);
    for (var i = 0; i < 6; i++) {
      clocks.advance(Duration.ofSeconds(10));
      tracer.tick();
    }
    if (!isToldBeforeLoss && count(box, Loss.NO_ROOM) == 0) {
      isToldBeforeLoss =
          box.ledger().events().stream().anyMatch(entry -> entry.event() == Event.BUFFER_FILLING);
    }
  }

  private void talk(List<byte[]> frames) {
    var talk = Talk.from(1024 + connections % 60_000, connections * 7919, frames);
    connections++;
    for (var i = 0; i < PIECES / 2; i++) {
      talk.say("GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n".formatted(i));
      talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    }
    talk.close();
  }

  private void look(SealedContext box) throws IOException {
    System.gc();
    var runtime = Runtime.getRuntime();
    heap.add(runtime.totalMemory() - runtime.freeMemory());
    onDisk.add(count(box, SpillCounter.DISK_BYTES));
    try (var files = Files.list(directory.resolve("spill"))) {
      segments.add((int) files.filter(file -> file.toString().contains("segment-")).count());
    }
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      openFiles.add((int) open.count());
    }
  }

  private static <T extends Comparable<T>> T most(List<T> values) {
    return values.stream().max(Comparator.naturalOrder()).orElseThrow();
  }

  private void assertNothingGrew(long diskBytes, int hours) {
    assertThat(heap).hasSize(hours + 1);
    assertThat(most(heap) - heap.getFirst()).as("%s", heap).isLessThan(HEAP_GROWS_MOST);
    assertThat(most(onDisk)).isLessThanOrEqualTo(diskBytes);
    assertThat(most(segments)).as("%s", segments).isLessThanOrEqualTo(SEGMENTS_MOST);
    // A segment that is being written, one that is being read, and what the JVM opens late.
    assertThat(most(openFiles) - openFiles.getFirst()).as("%s", openFiles).isLessThan(20);
  }

  private void assertHeartbeatsAreWhole(int hours) throws IOException {
    var out = directory.resolve("out");
    var heartbeats = out.resolve(JsonLines.HEARTBEATS);
    var verdict =
        HeartbeatVerifier.trustingTheFirst().verify(heartbeats, out.resolve(JsonLines.TRACE));
    assertThat(verdict.word()).as("%s", verdict).isEqualTo(Word.VALID);
    try (var lines = Files.lines(heartbeats)) {
      // Of each minute, and those of the seal and the end.
      assertThat(lines.count()).isGreaterThanOrEqualTo(hours * 60 + 2);
    }
  }

  @Test
  void whatADayBringsWaitsForTheNightAndNothingIsLost() throws Exception {
    var diskBytes = 16L << 20;
    TraceSummary summary;
    try (var box = seal(diskBytes)) {
      summary = live(box, 24);
    }
    assertThat(summary.received()).isEqualTo(fed);
    assertThat(summary.analysed()).isEqualTo(fed);
    assertThat(summary.lost()).isEmpty();
    assertThat(summary.tcpFlows()).isEqualTo(connections);
    assertThat(summary.erroneousFlows()).isZero();
    assertNothingGrew(diskBytes, 24);
    assertThat(most(onDisk)).isGreaterThan(diskBytes / 4);
    assertThat(onDisk.getLast()).as("%s", onDisk).isZero();
    assertThat(segments.getLast()).isZero();
    assertHeartbeatsAreWhole(24);
  }

  @Test
  void whatADayBringsTooMuchOfIsForetoldAndLostByName() throws Exception {
    var diskBytes = 2L << 20;
    TraceSummary summary;
    try (var box = seal(diskBytes)) {
      summary = live(box, 10);
    }
    assertThat(isToldBeforeLoss).isTrue();
    assertThat(summary.received()).isEqualTo(fed);
    assertThat(summary.lost()).containsOnlyKeys("noRoom");
    Lab.assertAccountedFor(summary);
    assertNothingGrew(diskBytes, 10);
    assertThat(onDisk.getLast()).as("%s", onDisk).isZero();
    assertHeartbeatsAreWhole(10);
  }
}
