package dev.cloister.tracing.anonymize;

import dev.cloister.core.policy.Node;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The parts of a URL that a policy can let out; the name in a record is in the second column. */
enum UrlPart {
  /** Such as http. */
  SCHEME("scheme", "scheme"),
  /** As it stands. */
  HOST("host", "host"),
  /** A name of eight bytes that only the key could compute. */
  HOST_HASH("host-hash", "hostHash"),
  /** Where it is written out. */
  PORT("port", "port"),
  /** Up to the question mark. */
  PATH("path", "path"),
  /** How many segments. */
  PATH_DEPTH("path-depth", "pathDepth"),
  /** A name of eight bytes that only the key could compute. */
  PATH_HASH("path-hash", "pathHash"),
  /** Behind the last dot of the last segment, if it is short. */
  EXTENSION("extension", "extension"),
  /** Behind the question mark. */
  QUERY("query", "query"),
  /** The names in it, without their values. */
  QUERY_NAMES("query-names", "queryNames"),
  /** How many names are in it. */
  QUERY_COUNT("query-count", "queryCount"),
  /** A name of eight bytes that only the key could compute. */
  QUERY_HASH("query-hash", "queryHash");

  private final String label;
  private final String member;

  UrlPart(String label, String member) {
    this.label = label;
    this.member = member;
  }

  String label() {
    return label;
  }

  String member() {
    return member;
  }

  boolean isHash() {
    return this == HOST_HASH || this == PATH_HASH || this == QUERY_HASH;
  }

  static UrlPart of(Node node) {
    var word = node.text();
    return Arrays.stream(values())
        .filter(part -> part.label.equals(word))
        .findFirst()
        .orElseThrow(() ->
            node.rejected(
                "unknown part of a URL \"%s\": allowed are %s"
                    .formatted(
                        Node.shown(word),
                        Arrays.stream(values())
                            .map(UrlPart::label)
                            .collect(Collectors.joining(", ")))));
  }
}
