package dev.cloister.crypto.storage;

import dev.cloister.crypto.testing.SpillStoreContract;
import java.nio.file.Path;

/** The real store passes the contract. */
class SealedStoreTest extends SpillStoreContract {
  @Override
  protected SpillPlan plan(Path directory) {
    return SpillStore.in(directory);
  }
}
