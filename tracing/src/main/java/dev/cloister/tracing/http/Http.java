package dev.cloister.tracing.http;

import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.Schema;

/**
 * HTTP/1.0 and HTTP/1.1, on any port, told by content: any token as method. It emits a record for
 * each exchange, and for what there is of one. It does not read HTTP/0.9, what is inside tunnels,
 * or content.
 */
public final class Http {
  private Http() {}

  /**
   * Returns what a record of HTTP may hold.
   *
   * @return the one schema
   */
  public static Schema schema() {
    return HttpFields.SCHEMA;
  }

  /**
   * Makes a parser for one tracer. What all its connections hold together, as heads that are not
   * whole and exchanges that wait, is bounded by 128 MiB: the longest silent give theirs up, which
   * is counted.
   *
   * @return a parser that limits itself, and needs no watch
   */
  public static Parser parser() {
    return new HttpParser(Holdings.BYTES_MAX);
  }
}
