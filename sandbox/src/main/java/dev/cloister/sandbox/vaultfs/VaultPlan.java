package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * Declares a {@link Vault}. Immutable: each setting gives another plan.
 *
 * @param directory where blocks are written; made when it is not there, held by a lock
 * @param quotaBytes how much it holds, as {@link Vault} counts
 * @param openFiles how many files and directories may be open at once; an open file holds a block
 *     of 64 KiB in memory
 */
public record VaultPlan(Path directory, long quotaBytes, int openFiles)
    implements Declaration<Vault> {

  /** What {@code quotaBytes} is unless set: 1 GiB. */
  public static final long QUOTA_BYTES_DEFAULT = 1L << 30;

  /** What {@code openFiles} is unless set: 256, which hold 16 MiB of memory. */
  public static final int OPEN_FILES_DEFAULT = 256;

  /** Checks the settings. */
  public VaultPlan {
    if (quotaBytes < 0) {
      throw new IllegalArgumentException("quotaBytes " + quotaBytes + ": must be at least 0");
    }
    if (openFiles < 1) {
      throw new IllegalArgumentException("openFiles " + openFiles + ": must be at least 1");
    }
  }

  /**
   * Sets how much it holds.
   *
   * @param bytes at least 0; 1 GiB unless set
   * @return a plan with that
   */
  public VaultPlan quotaBytes(long bytes) {
    return new VaultPlan(directory, bytes, openFiles);
  }

  /**
   * Sets how many files and directories may be open at once.
   *
   * @param most at least 1; 256 unless set
   * @return a plan with that
   */
  public VaultPlan openFiles(int most) {
    return new VaultPlan(directory, quotaBytes, most);
  }

  @Override
  public String name() {
    return "vault";
  }

  @Override
  public void describe(Description into) {
    into.put("cipher", "AES-256-GCM, one fresh key")
        .put("quotaBytes", quotaBytes)
        .put("openFiles", openFiles);
  }

  @Override
  public List<Finding> probe() {
    return List.of(
        new Finding(
            Guarantee.NOTHING_RAW_ON_DISK, State.ENFORCED, WarmUp.run(TimeSource.system())));
  }

  @Override
  public Vault open(Opening opening) throws IOException {
    return open(opening.keys(), opening.time());
  }

  /**
   * Opens the vault outside a plan. The first of a process takes up to a second, in which the
   * cipher becomes fast.
   *
   * @param keys gives the ring that the vault's key is made from, when one is needed
   * @param time what files' times are told by
   * @return the vault, which the caller closes
   * @throws IOException when the directory cannot be written to, or another vault holds it
   */
  public Vault open(Supplier<KeyRing> keys, TimeSource time) throws IOException {
    return Vault.over(FileMedium.in(directory), this, keys, time);
  }
}
