package dev.cloister.tracing;

import dev.cloister.core.ledger.Counter;

/** What a tracer counts, from the frame to the record. */
public enum TraceCounter implements Counter {
  /** Frames that the source gave, or received and lost. */
  RECEIVED("received"),
  /** Frames that came over a link while the kernel's ring had no room. */
  LOST_IN_RING("lost.ring"),
  /** Frames that were in the kernel's ring when the capture of a link ended. */
  LOST_UNREAD("lost.unread"),
  /** Frames behind the first bytes of their direction of a connection. */
  LOST_TO_CUTOFF("lost.cutoff"),
  /** How often a link went down. */
  LINK_DOWNS("linkDowns"),
  /** Links that were removed while they were captured. */
  LINKS_GONE("linksGone"),
  /** Frames that were analysed. */
  ANALYSED("analysed"),
  /** Frames whose link is not one that is read. */
  UNKNOWN_LINK("undecoded.unknownLink"),
  /** Frames that carry something other than IP. */
  NOT_IP("undecoded.notIp"),
  /** Frames in which a header is cut off. */
  TRUNCATED("undecoded.truncated"),
  /** Frames in which a header contradicts itself. */
  MALFORMED("undecoded.malformed"),
  /** IP datagrams put together from fragments. */
  IP_DATAGRAMS_REASSEMBLED("ipDatagramsReassembled"),
  /** Datagrams given up because their fragments contradict each other. */
  IP_DATAGRAMS_OVERLAPPING("ipDatagramsOverlapping"),
  /** Fragments with nothing in them. */
  IP_FRAGMENTS_EMPTY("ipFragmentsEmpty"),
  /** Fragments that reach behind the end of the largest datagram. */
  IP_FRAGMENTS_OVERSIZED("ipFragmentsOversized"),
  /** Connections with at least one TCP segment. */
  TCP_FLOWS("tcpFlows"),
  /** Bytes of streams that were given to parsers. */
  STREAM_BYTES("streamBytes"),
  /** Bytes of streams that were never captured. */
  HOLE_BYTES("holeBytes"),
  /** Bytes of streams that were captured again. */
  DUPLICATE_BYTES("duplicateBytes"),
  /** Bytes of streams that were captured again, and were not the same. */
  CONFLICTING_BYTES("conflictingBytes"),
  /** Bytes that were captured again too late to be compared. */
  UNCOMPARED_BYTES("uncomparedBytes"),
  /** Bytes that filled a hole after it had been given up. */
  LATE_BYTES("lateBytes"),
  /** Bytes with numbers below the first of their stream. */
  BEFORE_START_BYTES("beforeStartBytes"),
  /** Bytes of connections that were over. */
  AFTER_END_BYTES("afterEndBytes"),
  /** Flows whose parser failed, was interrupted, or was fenced off. */
  ERRONEOUS_FLOWS("erroneousFlows"),
  /** Records that were discarded: of a call that failed, or of a parser that was through. */
  FENCED_RECORDS("fencedRecords"),
  /** Records that parsers emitted. */
  RECORDS("records"),
  /** HTTP request heads. */
  HTTP_REQUESTS("httpRequests"),
  /** HTTP status lines, interim ones too. */
  HTTP_RESPONSES("httpResponses"),
  /** Connections forgotten because the table was full. */
  EVICTED_CONNECTIONS("evicted.connections"),
  /** Connections whose cutoff begins anew because the table was full. */
  EVICTED_CUTOFFS("evicted.cutoffs"),
  /** Holes given up because a direction had too much waiting behind one. */
  EVICTED_REORDERING("evicted.reordering"),
  /** Holes given up because all directions together had too much waiting. */
  EVICTED_BUFFERS("evicted.buffers"),
  /** Conversations cut short because all of HTTP held too much. */
  EVICTED_CONVERSATIONS("evicted.conversations"),
  /** Incomplete datagrams given up because there were too many. */
  EVICTED_DATAGRAMS("evicted.datagrams"),
  /** Incomplete datagrams given up because their time was over. */
  EXPIRED_DATAGRAMS("evicted.datagramTimeouts");

  private final String label;

  TraceCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
