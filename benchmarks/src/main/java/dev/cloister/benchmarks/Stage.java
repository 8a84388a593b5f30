package dev.cloister.benchmarks;

/** How far a packet goes. */
enum Stage {
  /** Read and decoded: addresses, ports, flags. */
  WALK("packets read and decoded"),
  /** Ordered into streams, every byte given to a listener. */
  STREAMS("packets to ordered streams"),
  /** Through a sealed context: stored, ordered, parsed, anonymized, written, signed. */
  LINES("packets to anonymized JSON lines");

  private final String title;

  Stage(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
