package dev.cloister.tracing.tracer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a trace came to, in numbers; {@code received} is {@code analysed} and the sum of {@code
 * lost}. Immutable.
 *
 * @param received frames that the source gave, or received and lost
 * @param analysed frames that were analysed
 * @param lost frames that were not, by cause
 * @param tcpFlows connections with at least one segment
 * @param ipDatagramsReassembled datagrams put together from fragments
 * @param httpRequests request heads
 * @param httpResponses status lines, interim ones too
 * @param holeBytes bytes of streams that were never captured
 * @param conflictingBytes bytes of streams that came in two versions
 * @param erroneousFlows connections whose parser failed
 * @param evicted what was given up to stay within bounds, by cause
 * @param spilledBytes bytes written to the spill store's disk
 */
public record TraceSummary(
    long received,
    long analysed,
    Map<String, Long> lost,
    long tcpFlows,
    long ipDatagramsReassembled,
    long httpRequests,
    long httpResponses,
    long holeBytes,
    long conflictingBytes,
    long erroneousFlows,
    Map<String, Long> evicted,
    long spilledBytes) {

  /** Keeps copies. */
  public TraceSummary {
    lost = Collections.unmodifiableMap(new LinkedHashMap<>(lost));
    evicted = Collections.unmodifiableMap(new LinkedHashMap<>(evicted));
  }
}
