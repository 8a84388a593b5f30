package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.HttpTraffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Floods cost memory within the declared bounds and evictions that are counted, and the honest
 * connections among them are traced as if nothing had happened. Heap is measured as {@link
 * HeapWatch} says.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
final class FloodTest {
  /** What reassembly, defragmentation and the store of this test may hold together. */
  private static final long HEAP_BYTES_MAX = (240L + 32 + 8) << 20;

  private static final int HONEST_CONNECTIONS = 10;

  @TempDir private Path directory = Path.of("");

  /** Ten connections over a bad link: swapped, repeated and shifted segments. */
  private List<byte[]> honest() throws IOException {
    var file = directory.resolve("honest.pcap");
    HttpTraffic.of(3L * HONEST_CONNECTIONS)
        .connections(3, HONEST_CONNECTIONS)
        .meanBodyBytes(6000)
        .dirt(200, 100, 100)
        .write(file);
    var frames = new ArrayList<byte[]>();
    try (var source = PacketFile.at(file).open()) {
      while (source.poll(
              frame ->
                  frames.add(
                      Arrays.copyOfRange(
                          frame.bytes(), frame.offset(), frame.offset() + frame.length())),
              100)
          > 0) {
        // Until the end.
      }
    }
    return frames;
  }

  /** Puts so many frames of a flood before each frame of others. */
  private static Iterator<byte[]> amid(List<byte[]> others, Flood flood, int floodFrames) {
    var each = floodFrames / others.size();
    return IntStream.range(0, others.size())
        .boxed()
        .flatMap(i ->
            Stream.concat(
                IntStream.range(i * each, (i + 1) * each).mapToObj(flood::frame),
                Stream.of(others.get(i))))
        .iterator();
  }

  private HostileTrace trace(Iterator<byte[]> frames) throws IOException {
    return HostileTrace.of(
        new FrameStream(frames), HostileTrace.REPEATABLE, directory.resolve("spill"));
  }

  /** The records but for the numbers of their flows, which count the flood's too. */
  private static List<String> recordsOf(HostileTrace trace) {
    return trace.records().stream()
        .map(line -> line.replaceFirst("\"flow\":\\d+", "\"flow\":0"))
        .sorted()
        .toList();
  }

  private Map<String, String> streams(Iterator<byte[]> frames) {
    var streams = new StreamsFromClients("10.");
    var reassembler =
        new TcpReassembler(ReassemblyLimits.forTracing(), OverlapPolicy.FIRST, streams);
    var decoder =
        new PacketDecoder(packet -> {
          if (packet.isTcp()) {
            reassembler.accept(packet);
          }
        });
    var frame = new Frame();
    for (var time = 0L; frames.hasNext(); time += 1000) {
      var bytes = frames.next();
      decoder.decode(frame.set(bytes, 0, bytes.length, bytes.length, 1, time));
    }
    reassembler.finish(0);
    return streams.digests();
  }

  @ParameterizedTest
  @EnumSource
  void theHonestStreamsInAFloodAreTheSameByteByByte(Flood flood) throws IOException {
    var honest = honest();
    var alone = streams(honest.iterator());
    assertThat(alone).hasSize(2 * HONEST_CONNECTIONS);
    assertThat(streams(amid(honest, flood, 150_000))).isEqualTo(alone);
  }

  @Test
  void theHonestConnectionsAreWhole() throws IOException {
    var trace = trace(honest().iterator());
    assertThat(trace.records())
        .hasSize(3 * HONEST_CONNECTIONS)
        .allMatch(line -> line.contains("\"flow\":"));
    assertThat(trace.counts())
        .containsEntry("tcpFlows", (long) HONEST_CONNECTIONS)
        .containsEntry("holeBytes", 0L)
        .containsEntry("evicted.connections", 0L);
    assertThat(trace.counts().get("duplicateBytes")).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "SYN, 1000000, evicted.connections, 860000",
    "FIRST_FRAGMENTS, 50000, evicted.datagrams, 45000",
    "FIRST_FRAGMENTS_IPV6, 50000, evicted.datagrams, 45000",
    "TINY_OVERLAPPING_FRAGMENTS, 50000, evicted.datagrams, 10000",
    "DRIP, 100000, streamBytes, 99000",
    "DRIP_REVERSED, 200000, evicted.reordering, 1",
    "DRIP_RANDOM, 200000, evicted.reordering, 1",
    "HOLES, 200000, holeBytes, 170000",
    "WIDE_HOLES, 200000, evicted.buffers, 1000"
  })
  void aFloodIsSurvivedAndTheHonestConnectionsInItAreExact(
      Flood flood, int frames, String cost, long atLeast) throws IOException {
    var honest = honest();
    var alone = trace(honest.iterator());
    try (var heap = HeapWatch.allowing(HEAP_BYTES_MAX)) {
      var flooded = trace(amid(honest, flood, frames));
      assertThat(heap.grownMost()).as("heap").isLessThan(HEAP_BYTES_MAX);
      assertThat(recordsOf(flooded)).isEqualTo(recordsOf(alone));
      assertThat(flooded.counts().get(cost)).as(cost).isGreaterThanOrEqualTo(atLeast);
      assertThat(flooded.summary().received())
          .isEqualTo(flooded.summary().analysed())
          .isGreaterThan(frames - honest.size());
      assertThat(flooded.summary().erroneousFlows()).isZero();
    }
  }
}
