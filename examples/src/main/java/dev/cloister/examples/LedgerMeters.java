package dev.cloister.examples;

import dev.cloister.core.context.SealedContext;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Shows a context's counters to whatever an application monitors itself with: a gauge each, with
 * the context's name as its tag. Numbers alone leave the context this way.
 *
 * @param box whose
 */
record LedgerMeters(SealedContext box) implements MeterBinder {
  private static final String PREFIX = "cloister.";

  @Override
  public void bindTo(MeterRegistry registry) {
    var ledger = box.ledger();
    for (var label : ledger.counters().keySet()) {
      Gauge.builder(PREFIX + label, ledger, counted -> counted.counters().get(label))
          .tag("context", box.name())
          .register(registry);
    }
  }
}
