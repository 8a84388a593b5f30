package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import java.io.IOException;
import java.nio.file.Path;

/** Vaults under keys of their own, outside a context. */
final class Vaults {
  private Vaults() {}

  static KeyRing ring() {
    return KeyRing.open(SecretMemory::onHeap);
  }

  /** The ring is the collector's to end: its keys end with the vault. */
  static Vault open(VaultPlan plan) throws IOException {
    var keys = ring();
    return plan.open(() -> keys, TimeSource.system());
  }

  static Vault in(Path directory) throws IOException {
    return open(Vault.in(directory));
  }

  static Vault over(BlockMedium medium, long quotaBytes) {
    var keys = ring();
    return Vault.over(
        medium,
        Vault.in(Path.of("unused")).quotaBytes(quotaBytes),
        () -> keys,
        TimeSource.system());
  }
}
