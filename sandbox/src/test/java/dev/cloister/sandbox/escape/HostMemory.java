package dev.cloister.sandbox.escape;

/** How much of the host's memory an attempt took. */
final class HostMemory {
  /** Half of what an attack puts out: no host keeps so much of it. */
  static final long KEPT_BYTES = 4 << 20;

  /** Half of what an attack says that it will put out. */
  private static final long RESERVED_BYTES = 1L << 30;

  private final long reserved = Runtime.getRuntime().totalMemory();
  private final long kept = kept();

  private static long kept() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** What is too much; empty when nothing is. */
  String taken() {
    var more = Runtime.getRuntime().totalMemory() - reserved;
    if (more > RESERVED_BYTES) {
      return "the host reserved %d bytes".formatted(more);
    }
    var rest = kept() - kept;
    return rest > KEPT_BYTES ? "the host kept %d bytes".formatted(rest) : "";
  }
}
