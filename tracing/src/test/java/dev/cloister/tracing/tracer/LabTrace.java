package dev.cloister.tracing.tracer;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.testing.PlainStore;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.http.Http;
import java.io.IOException;
import java.nio.file.Path;

/** Traces a capture file in a lab context, first all of the capture, then all of the analysis. */
final class LabTrace {
  /** The counts are the same whatever comes out. */
  private static final AnonymizationPolicy POLICY =
      AnonymizationPolicy.parse(
          "counts.yaml", "{version: 1, fields: {http.response.status: keep}}");

  private LabTrace() {}

  static TraceSummary of(Path capture, Path spill) throws IOException {
    var plan =
        ContextPlan.named("captures", Guarantees.lab())
            .host(new FakeHost())
            .ingress(PacketFile.at(capture))
            .store(PlainStore.in(spill).memoryBytes(16 << 20))
            .parse(Http.schema())
            .release(POLICY)
            .egress(MemoryEgress.named("out"));
    try (var box = plan.seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      tracer.capture();
      tracer.analyse();
      return tracer.summary();
    }
  }
}
