package dev.cloister.tracing.http;

import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.internal.SelfLimiting;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StreamParser;

/** Begins with connections, and bounds what they hold together. */
final class HttpParser implements SelfLimiting {
  private final Holdings holdings;

  HttpParser(long heldBytesMax) {
    this.holdings = new Holdings(heldBytesMax);
  }

  /** Tells what all its connections hold now. */
  long heldBytes() {
    return holdings.bytes();
  }

  @Override
  public Schema schema() {
    return HttpFields.SCHEMA;
  }

  @Override
  public StreamParser open(Flow flow, Emitter emitter) {
    return new HttpConversation(flow, emitter, holdings);
  }
}
