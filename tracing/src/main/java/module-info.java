/** From captured packets to anonymized records. */
@org.jspecify.annotations.NullMarked
module dev.cloister.tracing {
  requires static transitive org.jspecify;
  requires transitive dev.cloister.core;
  requires transitive dev.cloister.crypto;
  requires tools.jackson.core;
  // For the testing package alone.
  requires static org.junit.jupiter.api;

  exports dev.cloister.tracing;
  exports dev.cloister.tracing.anonymize;
  exports dev.cloister.tracing.capture;
  exports dev.cloister.tracing.flow;
  exports dev.cloister.tracing.http;
  exports dev.cloister.tracing.packet;
  exports dev.cloister.tracing.record;
  exports dev.cloister.tracing.sink;
  exports dev.cloister.tracing.testing;
  exports dev.cloister.tracing.tracer;

  // JUnit runs the contracts.
  opens dev.cloister.tracing.testing to
      org.junit.platform.commons;
}
