package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.tracing.TraceCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class LedgerMetersTest {

  @Test
  void aMeterShowsWhatTheLedgerCounts() throws IOException {
    var registry = new SimpleMeterRegistry();
    try (var box =
        ContextPlan.named("campus", Guarantees.lab())
            .host(new FakeHost())
            .count(Arrays.asList(TraceCounter.values()))
            .seal()) {
      new LedgerMeters(box).bindTo(registry);
      box.ledger().tally(TraceCounter.RECEIVED).add(41);
      box.ledger().tally(TraceCounter.RECEIVED).increment();
      var meters = registry.getMeters();
      assertThat(meters).hasSize(box.ledger().counters().size());
      assertThat(registry.get("cloister.received").tag("context", "campus").gauge().value())
          .isEqualTo(42);
      assertThat(registry.get("cloister.evicted.connections").gauge().value()).isZero();
    }
  }
}
