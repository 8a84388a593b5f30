package dev.cloister.core.key;

import dev.cloister.core.internal.os.OperatingSystem;

/** Opens key memory on a system that a test made, for tests of other packages. */
public final class MemoryOver {
  private MemoryOver() {}

  /**
   * Opens the best memory of a system.
   *
   * @param system which
   * @param bytes how much, at least
   * @return memory on it
   */
  public static SecretMemory system(OperatingSystem system, long bytes) {
    return SecretMemory.open(system, bytes);
  }
}
