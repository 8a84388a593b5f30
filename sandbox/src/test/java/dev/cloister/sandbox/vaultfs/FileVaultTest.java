package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.sandbox.testing.VaultContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class FileVaultTest extends VaultContract {
  @TempDir private Path scratch;
  private int opened;

  @Override
  protected Vault open(KeyRing keys, long quotaBytes) throws IOException {
    opened++;
    return Vault.in(scratch.resolve("vault " + opened))
        .quotaBytes(quotaBytes)
        .open(() -> keys, TimeSource.system());
  }
}
