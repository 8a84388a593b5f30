/**
 * What a sealed context is: lifecycle, keys in protected memory, gates, posture, ledger; and the
 * only native calls of the library.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings(
    "module") // The modules that the operating-system layer is exported to are built after this
// one.
module dev.cloister.core {
  requires static transitive org.jspecify;
  requires jdk.jfr;
  requires com.google.common;
  requires com.github.benmanes.caffeine;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;
  // For the testing package alone.
  requires static org.junit.jupiter.api;
  requires static org.junit.platform.commons;

  exports dev.cloister.core;
  exports dev.cloister.core.context;
  exports dev.cloister.core.gate;
  exports dev.cloister.core.key;
  exports dev.cloister.core.ledger;
  exports dev.cloister.core.policy;
  exports dev.cloister.core.posture;
  exports dev.cloister.core.process;
  exports dev.cloister.core.testing;
  exports dev.cloister.core.token;
  exports dev.cloister.core.internal to
      dev.cloister.crypto,
      dev.cloister.sandbox,
      dev.cloister.tor,
      dev.cloister.tracing;
  exports dev.cloister.core.internal.os to
      dev.cloister.crypto,
      dev.cloister.sandbox,
      dev.cloister.tracing;

  // JUnit makes the conditions.
  opens dev.cloister.core.testing to
      org.junit.platform.commons;
}
