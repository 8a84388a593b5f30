package dev.cloister.tracing.tracer;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.Veth;
import dev.cloister.tracing.http.Http;
import java.io.IOException;

/** Sealed contexts on a link of the test's own: what the host protects is not the question here. */
final class LiveBox {
  private static final String POLICY =
      "{version: 1, fields: {http.request.method: keep, http.response.status: keep}}";

  private LiveBox() {}

  static ContextPlan plan(Guarantees guarantees, LiveLink link, SpillPlan store) {
    return ContextPlan.named("live", guarantees)
        .ingress(link)
        .store(store)
        .parse(Http.schema())
        .release(AnonymizationPolicy.parse("live.yaml", POLICY))
        .egress(MemoryEgress.named("out"));
  }

  static SealedContext seal(Veth veth, LiveLink link, SpillPlan store) throws IOException {
    var guarantees = Guarantees.tracer().acceptAll("a test of the link");
    var plan = plan(guarantees, link, store);
    return veth.inside(plan::seal);
  }
}
