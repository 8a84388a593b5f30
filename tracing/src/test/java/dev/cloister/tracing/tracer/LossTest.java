package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ledger.Event;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is lost on the way has a cause and a number, and received is analysed and lost. */
final class LossTest {
  private static final List<byte[]> FRAMES = Talk.many(100);

  /** Of Ethernet and IP. */
  private static final int HEADER_BYTES = 34;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "0, 1", "3, 2"})
  void whatADeferredTraceHasNoRoomForIsLostByThatCause(int memoryBlocks, int diskBlocks)
      throws IOException {
    var store = Lab.store(directory, memoryBlocks, diskBlocks);
    try (var box = Lab.plan(MemorySource.of(FRAMES), store).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser(), Words.plain());
      tracer.capture();
      tracer.spill();
      tracer.analyse();
      var summary = tracer.summary();
      assertThat(summary.received()).isEqualTo(FRAMES.size());
      assertThat(summary.lost()).containsOnlyKeys("noRoom");
      assertThat(summary.analysed() > 0).isEqualTo(memoryBlocks + diskBlocks > 0);
      Lab.assertAccountedFor(summary);
    }
  }

  @Test
  void aStoreThatFillsIsToldOfInAHeartbeatBeforeAnythingIsLost() throws IOException {
    try (var box = Lab.plan(MemorySource.of(FRAMES), Lab.store(directory, 40, 0)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      for (var second = 0; second < 10; second++) {
        tracer.tick();
        Lab.time(box).advance(Duration.ofSeconds(1));
      }
      tracer.capture();
      assertThat(box.ledger().events()).noneMatch(entry -> entry.event() == Event.BUFFER_FILLING);
      var heartbeats = box.part(MemoryEgress.class).heartbeats().size();
      tracer.tick();
      assertThat(box.ledger().events())
          .filteredOn(entry -> entry.event() == Event.BUFFER_FILLING)
          .singleElement()
          .satisfies(entry -> assertThat(entry.number()).isBetween(1L, 300L));
      assertThat(box.part(MemoryEgress.class).heartbeats()).hasSizeGreaterThan(heartbeats);
      assertThat(tracer.summary().lost()).doesNotContainKey("noRoom");
    }
  }

  @Test
  void aFrameLargerThanABlockIsLostByThatCause() throws IOException {
    var frames = new ArrayList<>(FRAMES.subList(0, 10));
    frames.add(new byte[Lab.BLOCK_BYTES]);
    try (var box = Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().lost()).containsExactly(Map.entry("tooLarge", 1L));
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  /** What befalls a segment's file between capture and analysis. */
  private interface Damage {
    void to(RandomAccessFile file) throws IOException;
  }

  private TraceSummary afterDamage(Damage damage) throws IOException {
    var store = Lab.store(directory, 0, 1000);
    try (var box = Lab.plan(MemorySource.of(FRAMES), store).seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser(), Words.plain());
      tracer.capture();
      tracer.spill();
      try (var files = Files.list(directory.resolve("spill"))) {
        var segment =
            files.filter(file -> file.toString().contains("segment-")).sorted().findFirst();
        try (var open = new RandomAccessFile(segment.orElseThrow().toFile(), "rw")) {
          damage.to(open);
        }
      }
      tracer.analyse();
      var summary = tracer.summary();
      assertThat(summary.received()).isEqualTo(FRAMES.size());
      assertThat(summary.analysed()).isPositive();
      Lab.assertAccountedFor(summary);
      return summary;
    }
  }

  @Test
  void anUndamagedSpillLosesNothing() throws IOException {
    var summary = afterDamage(_ -> {});
    assertThat(summary.lost()).isEmpty();
    assertThat(summary.spilledBytes()).isPositive();
  }

  @Test
  void anAlteredSegmentCostsNamedLossOnly() throws IOException {
    var summary =
        afterDamage(file -> {
          file.seek(Lab.BLOCK_BYTES + 100);
          var before = file.read();
          file.seek(Lab.BLOCK_BYTES + 100);
          file.write(before ^ 4);
        });
    assertThat(summary.lost()).containsOnlyKeys("altered");
    assertThat(summary.lost().get("altered")).isBetween(1L, (long) Lab.BLOCK_BYTES / 54);
  }

  @Test
  void aShortenedSegmentCostsNamedLossOnly() throws IOException {
    var summary = afterDamage(file -> file.setLength(file.length() - 1));
    assertThat(summary.lost()).containsOnlyKeys("truncated");
  }

  @Test
  void whatIsDamagedBetweenTwoPassesIsAccountedFor() throws IOException {
    var store = Lab.store(directory, 0, 1000).passes(2);
    try (var box = Lab.plan(MemorySource.of(FRAMES), store).seal()) {
      Words.Hook damaging =
          (moment, flow, _) -> {
            if (moment == Words.Moment.END && flow.number() == 1) {
              damageAll();
            }
          };
      var tracer = Tracer.in(box).passes(2).parse(new Words(damaging));
      tracer.capture();
      tracer.spill();
      tracer.analyse();
      assertThat(tracer.summary().analysed()).isLessThan(FRAMES.size());
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  private void damageAll() {
    try (var files = Files.list(directory.resolve("spill"))) {
      for (var file : files.filter(f -> f.toString().contains("segment-")).toList()) {
        try (var open = new RandomAccessFile(file.toFile(), "rw")) {
          open.setLength(Lab.BLOCK_BYTES);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path written() throws IOException {
    var file = directory.resolve("capture.pcap");
    try (var out = PcapWriter.to(file)) {
      for (var i = 0; i < FRAMES.size(); i++) {
        out.write(i * 1_000_000L, FRAMES.get(i));
      }
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void aDamagedCaptureIsAnalysedUpToItsDamage(int seed) throws IOException {
    var file = written();
    var random = new Random(seed);
    var all = Files.readAllBytes(file);
    for (var i = 0; i < 20; i++) {
      all[24 + random.nextInt(all.length - 24)] ^= (byte) (1 << random.nextInt(8));
    }
    Files.write(file, Arrays.copyOf(all, all.length - random.nextInt(100)));
    try (var box = Lab.plan(PacketFile.at(file), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser(), Words.plain());
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().analysed()).as("seed %d", seed).isPositive();
      assertThat(box.part(PacketSource.class).bytesRead()).isPositive();
      Lab.assertAccountedFor(tracer.summary());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void framesThatDoNotDecodeAreAnalysedAndCounted(int seed) throws IOException {
    var random = new Random(seed);
    var frames = new ArrayList<byte[]>();
    for (var frame : FRAMES) {
      var altered = Arrays.copyOf(frame, 1 + random.nextInt(frame.length));
      altered[random.nextInt(Math.min(HEADER_BYTES, altered.length))] ^= (byte) random.nextInt();
      frames.add(altered);
    }
    try (var box = Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal()) {
      var tracer = Tracer.in(box).parse(Http.parser(), Words.plain());
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().analysed()).as("seed %d", seed).isEqualTo(frames.size());
      assertThat(tracer.summary().lost()).isEmpty();
      var undecoded =
          box.ledger().counters().entrySet().stream()
              .filter(counter -> counter.getKey().startsWith("undecoded."))
              .mapToLong(Map.Entry::getValue)
              .sum();
      assertThat(undecoded).as("seed %d", seed).isBetween(1L, (long) frames.size());
    }
  }
}
