package dev.cloister.benchmarks;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;

/**
 * A function that takes all it can get at half a core. A memory bomb gets as much memory as lasts
 * it for a second or so, since one that has little is over in 40 ms: to start it again and again is
 * another noise, in which the host is what works.
 */
enum Noise {
  FORK_BOMB(
      "a fork bomb",
      """
      import os
      while True:
          try:
              os.fork()
          except OSError:
              pass
      """),
  MEMORY_BOMB(
      "a memory bomb",
      """
      hoard = []
      while True:
          hoard.append(bytearray(b"x") * (1 << 20))
      """),
  ENDLESS_LOOP(
      "an endless loop",
      """
      while True:
          pass
      """),
  DISK_FILLER(
      "a disk filler",
      """
      import cell
      block = b"x" * (1 << 20)
      while True:
          for number in range(32):
              cell.store.put(str(number), block)
              try:
                  with open("/tmp/%d" % number, "wb") as file:
                      file.write(block)
              except OSError:
                  pass
      """),
  OUTPUT_FLOOD(
      "an output flood",
      """
      import cell
      block = b"x" * (1 << 16)
      while True:
          cell.send(block)
      """),
  STARTS("one that ends at once, started again and again", "pass");

  private final String title;
  private final String source;

  Noise(String title, String source) {
    this.title = title;
    this.source = source;
  }

  String title() {
    return title;
  }

  byte[] code() {
    return CellGround.code(source);
  }

  /** Whether it is asked what its neighbour suffers: of a function, and not of who starts it. */
  boolean isOneFunction() {
    return this != STARTS;
  }

  static ResourceLimits limits() {
    return CellGround.limits()
        .with(Resource.CPU_SHARE, "0.5")
        .with(Resource.MEMORY_BYTES, CellGround.MEMORY_BYTES_MAX);
  }
}
