package dev.cloister.tracing.flow;

import java.time.Duration;

/** Limits that are those for tracing but for the one that a test is about. */
final class Limits {
  private Limits() {}

  static ReassemblyLimits tracing() {
    return ReassemblyLimits.forTracing();
  }

  static ReassemblyLimits connections(int connections) {
    return with(connections, 1 << 20, 64L << 20, 64 << 10, 48L << 20, 8 << 10);
  }

  static ReassemblyLimits reordering(int bytes, long bytesTotal) {
    return with(1 << 17, bytes, bytesTotal, 64 << 10, 48L << 20, 8 << 10);
  }

  static ReassemblyLimits history(int bytes, long bytesTotal) {
    return with(1 << 17, 1 << 20, 64L << 20, bytes, bytesTotal, 8 << 10);
  }

  static ReassemblyLimits with(
      int connections,
      int reorder,
      long reorderTotal,
      int history,
      long historyTotal,
      int midstream) {
    return new ReassemblyLimits(
        connections,
        reorder,
        reorderTotal,
        history,
        historyTotal,
        midstream,
        3,
        Duration.ofMinutes(124),
        Duration.ofMinutes(4),
        Duration.ofSeconds(5),
        Duration.ofMinutes(1));
  }
}
