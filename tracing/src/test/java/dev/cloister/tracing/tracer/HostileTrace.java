package dev.cloister.tracing.tracer;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.testing.PlainStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.http.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What came of a source that was traced whole, step by step on the calling thread: capture, store,
 * reassembly, HTTP, anonymization, egress, in a lab context on a fake host.
 *
 * @param summary its numbers
 * @param counts its counters by name
 * @param records the lines that came out, without the header
 * @param damage where the source was damaged
 */
record HostileTrace(
    TraceSummary summary,
    Map<String, Long> counts,
    List<String> records,
    Optional<PacketSource.Damage> damage) {

  /** What the shipped policy does, with no transform that differs from run to run. */
  static final AnonymizationPolicy REPEATABLE =
      AnonymizationPolicy.parse(
          "policy.yaml",
          """
          version: 1
          mode: lab
          fields:
            http.client.address: keep
            http.client.port: keep
            http.server.port: port-class
            http.request.method: keep
            http.request.url: keep
            http.request.userAgent: keep
            http.request.bodyBytes: keep
            http.response.status: keep
            http.response.contentType: keep
            http.response.bodyBytes: keep
            http.response.missingBytes: keep
            http.outcome: keep
          """);

  /** As the policy that ships: something of each transform. */
  static final AnonymizationPolicy ANONYMIZING =
      AnonymizationPolicy.parse(
          "policy.yaml",
          """
          version: 1
          fields:
            http.client.address: prefix-preserving
            http.client.port: port-class
            http.server.address: prefix-preserving
            http.request.method: keep
            http.request.url: {url: [host-hash, path-depth, extension]}
            http.request.userAgent: {hash: 8}
            http.response.status: keep
            http.response.contentType: keep
            http.request.time: {shift: random}
            http.response.time: {shift: random}
            http.response.bodyBytes: {bucket: 1024}
            http.response.missingBytes: {bucket: 1024}
            http.outcome: keep
          """);

  static HostileTrace of(Declaration<PacketSource> source, AnonymizationPolicy policy, Path spill)
      throws IOException {
    var plan =
        ContextPlan.named("hostile", Guarantees.lab())
            .host(new FakeHost())
            .ingress(source)
            .store(PlainStore.in(spill).memoryBytes(1 << 20).blockBytes(64 << 10))
            .parse(Http.schema())
            .release(policy)
            .egress(MemoryEgress.named("trace"));
    try (var box = plan.seal()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      var counts = new TreeMap<String, Long>();
      for (var counter : TraceCounter.values()) {
        counts.put(counter.label(), box.ledger().tally(counter).get());
      }
      var lines = new ArrayList<>(box.part(MemoryEgress.class).lines());
      lines.removeFirst();
      return new HostileTrace(
          tracer.summary(), counts, lines, box.part(PacketSource.class).damage());
    }
  }

  long lost() {
    return summary.lost().values().stream().mapToLong(Long::longValue).sum();
  }
}
