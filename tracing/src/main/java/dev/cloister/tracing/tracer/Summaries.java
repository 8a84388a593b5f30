package dev.cloister.tracing.tracer;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.Loss;
import dev.cloister.crypto.storage.SpillCounter;
import dev.cloister.tracing.TraceCounter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a trace's numbers out of its ledger. */
final class Summaries {
  private static final String EVICTED = "evicted.";
  private static final String LOST = "lost.";

  private Summaries() {}

  static TraceSummary of(Ledger ledger) {
    var lost = lost(ledger);
    var analysed = ledger.tally(TraceCounter.ANALYSED).get();
    var known = analysed + lost.values().stream().mapToLong(Long::longValue).sum();
    // Read last, and never less: frames may come while this reads.
    var received = Math.max(known, ledger.tally(TraceCounter.RECEIVED).get());
    if (received > known) {
      lost.put("notAnalysed", received - known);
    }
    return new TraceSummary(
        received,
        analysed,
        lost,
        ledger.tally(TraceCounter.TCP_FLOWS).get(),
        ledger.tally(TraceCounter.IP_DATAGRAMS_REASSEMBLED).get(),
        ledger.tally(TraceCounter.HTTP_REQUESTS).get(),
        ledger.tally(TraceCounter.HTTP_RESPONSES).get(),
        ledger.tally(TraceCounter.HOLE_BYTES).get(),
        ledger.tally(TraceCounter.CONFLICTING_BYTES).get(),
        ledger.tally(TraceCounter.ERRONEOUS_FLOWS).get(),
        evicted(ledger),
        ledger.tally(SpillCounter.SPILLED_BYTES).get());
  }

  /**
   * What the source and the store lost; what else is missing was still in it, or was lost between
   * two passes.
   */
  private static Map<String, Long> lost(Ledger ledger) {
    var lost = new LinkedHashMap<String, Long>();
    for (var counter : TraceCounter.values()) {
      var frames = ledger.tally(counter).get();
      if (counter.label().startsWith(LOST) && frames > 0) {
        lost.put(counter.label().substring(LOST.length()), frames);
      }
    }
    for (var loss : Loss.values()) {
      var records = ledger.tally(loss).get();
      if (records > 0) {
        lost.put(loss.cause(), records);
      }
    }
    return lost;
  }

  private static Map<String, Long> evicted(Ledger ledger) {
    var evicted = new LinkedHashMap<String, Long>();
    for (var counter : TraceCounter.values()) {
      if (counter.label().startsWith(EVICTED)) {
        evicted.put(counter.label().substring(EVICTED.length()), ledger.tally(counter).get());
      }
    }
    return evicted;
  }
}
