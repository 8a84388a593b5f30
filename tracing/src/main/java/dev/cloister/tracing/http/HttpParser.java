package dev.cloister.tracing.http;

import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.internal.SelfLimiting;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StreamParser;

/** Begins with connections; keeps nothing. */
enum HttpParser implements SelfLimiting {
  /** The only one. */
  INSTANCE;

  @Override
  public Schema schema() {
    return HttpFields.SCHEMA;
  }

  @Override
  public StreamParser open(Flow flow, Emitter emitter) {
    return new HttpConversation(flow, emitter);
  }
}
