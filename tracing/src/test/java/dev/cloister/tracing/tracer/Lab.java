package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.testing.PlainStore;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.testing.MemorySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** What the tests of a tracer are made of: contexts in a lab, and what comes out of them. */
final class Lab {
  static final int BLOCK_BYTES = 4096;

  private Lab() {}

  /** A store whose memory holds everything. */
  static SpillPlan roomy(Path directory) {
    return store(directory, 1000, 0);
  }

  static SpillPlan store(Path directory, int memoryBlocks, int diskBlocks) {
    return PlainStore.in(directory.resolve("spill"))
        .blockBytes(BLOCK_BYTES)
        .memoryBytes((long) memoryBlocks * BLOCK_BYTES)
        .diskBytes((long) diskBlocks * BLOCK_BYTES);
  }

  /** Returns the clocks of a context of {@link #plan}. */
  static FakeTime time(SealedContext box) {
    return (FakeTime) box.time();
  }

  /** Declares a trace of everything that is in the frames. */
  static ContextPlan plan(Declaration<PacketSource> source, SpillPlan store) {
    return plan(source, store, MemoryEgress.named("out"));
  }

  static ContextPlan plan(
      Declaration<PacketSource> source, SpillPlan store, Declaration<? extends Egress> egress) {
    return ContextPlan.named("box", Guarantees.lab())
        .host(new FakeHost())
        .time(FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z")))
        .ingress(source)
        .store(store)
        .parse(Http.schema(), Words.SCHEMA)
        .release(AnonymizationPolicy.parse("keep.yaml", keeping(Http.schema(), Words.SCHEMA)))
        .egress(egress);
  }

  private static String keeping(Schema... schemas) {
    var policy = new StringBuilder("version: 1\nmode: lab\nfields:\n");
    for (var schema : schemas) {
      schema.fields().forEach(field -> policy.append("  ").append(field).append(": keep\n"));
    }
    return policy.toString();
  }

  /** Returns the records that came out, without the header. */
  static List<String> lines(SealedContext box) {
    return box.part(MemoryEgress.class).lines().stream().skip(1).toList();
  }

  static List<String> ofFlow(List<String> lines, long flow) {
    return lines.stream().filter(line -> isOf(line, flow)).toList();
  }

  static List<String> ofOthers(List<String> lines, long flow) {
    return lines.stream().filter(line -> !isOf(line, flow)).toList();
  }

  private static boolean isOf(String line, long flow) {
    return line.contains("\"flow\":" + flow + ",");
  }

  /** Traces frames in order on this thread, all in memory. */
  static List<String> trace(Path directory, List<byte[]> frames, Parser... parsers)
      throws IOException {
    try (var box = plan(MemorySource.of(frames), roomy(directory)).seal()) {
      var tracer = Tracer.in(box).deferred().parse(parsers);
      tracer.capture();
      tracer.analyse();
      return lines(box);
    }
  }

  /** Returns what a verifier says of all that came out of a context. */
  static Word verdict(Path directory, SealedContext box) throws IOException {
    var out = box.part(MemoryEgress.class);
    return HeartbeatVerifier.trustingTheFirst()
        .verify(
            Files.writeString(directory.resolve("heartbeats.jsonl"), out.heartbeatsText()),
            Files.writeString(directory.resolve("trace.jsonl"), out.linesText()))
        .word();
  }

  /** Asserts that no frame is unaccounted for. */
  static void assertAccountedFor(TraceSummary summary) {
    var lost = summary.lost().values().stream().mapToLong(Long::longValue).sum();
    assertThat(summary.analysed() + lost).as("%s", summary).isEqualTo(summary.received());
  }
}
