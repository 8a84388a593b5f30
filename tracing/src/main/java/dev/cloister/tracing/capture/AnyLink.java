package dev.cloister.tracing.capture;

import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.TraceCounter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** What is the same of every declared link, whatever it is captured by. */
sealed interface AnyLink extends Declaration<PacketSource> permits LiveLink, PortableLink {
  /** The least that is captured of a frame. */
  int SNAP_BYTES_LEAST = 64;

  @Override
  default String name() {
    return "capture";
  }

  @Override
  default Collection<? extends Counter> counters() {
    return List.copyOf(Arrays.asList(TraceCounter.values()));
  }

  /**
   * Refuses a lab, in which everything can be looked into.
   *
   * @param mode how the context will run
   * @return whether it is sealed
   */
  @Override
  default boolean runsIn(Mode mode) {
    return mode == Mode.SEALED;
  }
}
