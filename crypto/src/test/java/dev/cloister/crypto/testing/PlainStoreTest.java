package dev.cloister.crypto.testing;

import dev.cloister.crypto.storage.SpillPlan;
import java.nio.file.Path;

/** The fake store passes the contract of the real one. */
class PlainStoreTest extends SpillStoreContract {
  @Override
  protected SpillPlan plan(Path directory) {
    return PlainStore.in(directory);
  }
}
