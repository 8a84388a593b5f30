package dev.cloister.tracing.tracer;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.PacketSource;
import java.util.Collection;
import java.util.List;

/** Declares what a test gives a tracer, in a lab alone. */
interface LabSource extends Declaration<PacketSource> {
  @Override
  default String name() {
    return "capture";
  }

  @Override
  default void describe(Description into) {
    into.put("source", "a test");
  }

  @Override
  default Collection<? extends Counter> counters() {
    return List.of(TraceCounter.values());
  }

  @Override
  default boolean runsIn(Mode mode) {
    return mode == Mode.LAB;
  }
}
