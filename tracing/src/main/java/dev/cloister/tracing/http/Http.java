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
   * Returns the parser.
   *
   * @return one that keeps nothing between connections
   */
  public static Parser parser() {
    return HttpParser.INSTANCE;
  }
}
