package dev.cloister.sandbox.vaultfs;

import java.nio.file.FileSystemException;

/**
 * A vault's quota is used up; what was there is as it was. Where a system has error numbers this is
 * {@code ENOSPC}.
 */
public final class VaultFull extends FileSystemException {
  private static final long serialVersionUID = 1L;

  /**
   * Says how full it is.
   *
   * @param file what was written to
   * @param more how many bytes it would have taken more
   * @param used how many bytes of the quota are used
   * @param quota how many there are
   */
  VaultFull(String file, long more, long used, long quota) {
    super(
        file,
        null,
        "No space left on device: %d bytes more, where %d of the vault's %d are used"
            .formatted(more, used, quota));
  }
}
