package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.context.SealedContext;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.testing.Packets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tracer that keeps the first bytes of each direction says what it left out. */
final class CutoffTest {
  private static final int SEGMENT_BYTES = 1000;
  private static final int CUTOFF_BYTES = 10_000;
  private static final int HEAD_BYTES =
      "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n".length();

  @TempDir private Path directory;

  /** Many short conversations, and few that carry most of the bytes. */
  private static List<byte[]> skewed() {
    var frames = new ArrayList<>(Talk.many(50));
    for (var i = 0; i < 3; i++) {
      var talk = Talk.from(9000 + i, frames);
      talk.say("GET /large HTTP/1.1\r\nHost: a.example\r\n\r\n");
      talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n");
      for (var sent = 0; sent < 400_000; sent += SEGMENT_BYTES) {
        talk.answer("x".repeat(SEGMENT_BYTES));
      }
      talk.close();
    }
    frames.add(
        Packets.udp(Endpoint.of("10.0.0.1", 53), Endpoint.of("10.0.0.2", 53), new byte[2000]));
    return frames;
  }

  private static TraceSummary trace(SealedContext box, Tracer.Setup setup) throws IOException {
    try (box) {
      var tracer = setup.deferred().parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      return tracer.summary();
    }
  }

  private static long streamBytes(SealedContext box) {
    return box.ledger().tally(TraceCounter.STREAM_BYTES).get();
  }

  private SealedContext seal(List<byte[]> frames) throws IOException {
    return Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal();
  }

  @Test
  void whatLiesBehindIsLostByThatCauseAndEverythingElseIsKept() throws IOException {
    var frames = skewed();
    var all = seal(frames);
    var whole = trace(all, Tracer.in(all));
    var box = seal(frames);
    var cut = trace(box, Tracer.in(box).cutoff(CUTOFF_BYTES));
    // Of each large answer: the segments that begin before the cutoff are kept.
    var kept = Math.ceilDiv(CUTOFF_BYTES - HEAD_BYTES, SEGMENT_BYTES);
    var behind = 3L * (400 - kept);
    assertThat(cut.lost()).isEqualTo(Map.of("cutoff", behind));
    assertThat(cut.received()).isEqualTo(frames.size());
    Lab.assertAccountedFor(cut);
    assertThat(cut.httpRequests()).isEqualTo(whole.httpRequests());
    assertThat(cut.httpResponses()).isEqualTo(whole.httpResponses());
    assertThat(cut.tcpFlows()).isEqualTo(whole.tcpFlows());
    assertThat(streamBytes(box)).isEqualTo(streamBytes(all) - behind * SEGMENT_BYTES);
    assertThat(cut.evicted()).containsEntry("cutoffs", 0L);
  }

  @Test
  void aCutoffOfNothingIsRefused() throws IOException {
    try (var box = seal(List.of())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Tracer.in(box).cutoff(0))
          .withMessage("cutoff 0: must be at least 1 byte");
    }
  }
}
