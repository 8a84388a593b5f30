package dev.cloister.crypto.testing;

import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import java.nio.file.Path;

/**
 * A spill store that writes what it is given, so that a test finds on disk what the real one hides.
 * It reports SIMULATED, and runs in lab mode alone.
 */
public final class PlainStore {
  private PlainStore() {}

  /**
   * Declares one.
   *
   * @param directory where it writes when memory is full
   * @return a plan like {@link SpillStore#in}, but without encryption
   */
  public static SpillPlan in(Path directory) {
    return SpillStore.in(directory).unencrypted();
  }
}
