package dev.cloister.tracing.tracer;

import dev.cloister.core.policy.Node;
import java.util.List;

/**
 * What is told of one direction of a connection.
 *
 * @param stream the connection's number
 * @param source the sender, {@code ip:port}
 * @param spanBytes from its beginning to its last byte
 * @param prefixBytes before the first hole
 * @param prefixSha256 of those
 * @param holeBytes never captured
 * @param duplicateBytes captured more than once
 * @param conflictingBytes of those, sent in two versions
 * @param holes each {@code start+length}
 */
record StreamRow(
    long stream,
    String source,
    long spanBytes,
    long prefixBytes,
    String prefixSha256,
    long holeBytes,
    long duplicateBytes,
    long conflictingBytes,
    List<String> holes) {

  /** The facts list no more of a direction's holes. */
  private static final int HOLES_LISTED = 20;

  static StreamRow firstWins(Node fact) {
    return of(fact, text(fact, "prefix_first_wins_sha256"));
  }

  /** Where the last copy gives other bytes, the facts have another digest. */
  static StreamRow lastWins(Node fact) {
    return fact.optional("prefix_last_wins_sha256")
        .map(digest -> of(fact, digest.text()))
        .orElseGet(() -> firstWins(fact));
  }

  private static StreamRow of(Node fact, String prefixSha256) {
    return new StreamRow(
        number(fact, "stream"),
        text(fact, "src"),
        number(fact, "span_bytes"),
        number(fact, "prefix_bytes"),
        prefixSha256,
        number(fact, "hole_bytes"),
        number(fact, "duplicate_bytes"),
        number(fact, "conflicting_bytes"),
        fact.required("holes").items().stream().map(StreamRow::hole).toList());
  }

  private static String hole(Node pair) {
    return pair.items().getFirst().scalar() + "+" + pair.items().getLast().scalar();
  }

  private static String text(Node fact, String name) {
    return fact.required(name).text();
  }

  private static long number(Node fact, String name) {
    return fact.required(name).integer(0, Long.MAX_VALUE);
  }

  /** Returns this with no more holes than the facts would list. */
  StreamRow asListed() {
    return new StreamRow(
        stream,
        source,
        spanBytes,
        prefixBytes,
        prefixSha256,
        holeBytes,
        duplicateBytes,
        conflictingBytes,
        holes.subList(0, Math.min(HOLES_LISTED, holes.size())));
  }
}
