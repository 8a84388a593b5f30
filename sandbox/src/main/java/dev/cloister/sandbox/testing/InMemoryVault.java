package dev.cloister.sandbox.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.sandbox.vaultfs.Vault;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A vault without a disk, for tests of what uses one: the file system of {@link Vault} itself,
 * encrypted as ever, over a medium in memory that a test can look at, fill and break. It keeps
 * nothing from anybody: its key is on the heap, as all else is.
 *
 * <p>{@link #close} is strict: it fails when a channel or a directory stream was left open. For any
 * number of threads.
 */
public final class InMemoryVault implements AutoCloseable {
  private final MemoryMedium medium = new MemoryMedium();
  private final KeyRing keys;
  private final Vault vault;

  private InMemoryVault(long quotaBytes, TimeSource time) {
    this.keys = KeyRing.open(SecretMemory::onHeap);
    this.vault =
        Vault.over(medium, Vault.in(Path.of("nowhere")).quotaBytes(quotaBytes), () -> keys, time);
  }

  /**
   * Opens an empty vault.
   *
   * @param quotaBytes how much it holds, as {@link Vault} counts
   * @return the vault
   */
  public static InMemoryVault ofBytes(long quotaBytes) {
    return ofBytes(quotaBytes, TimeSource.system());
  }

  /**
   * Opens an empty vault with clocks of the test's.
   *
   * @param quotaBytes how much it holds, as {@link Vault} counts
   * @param time what files' times are told by
   * @return the vault
   */
  public static InMemoryVault ofBytes(long quotaBytes, TimeSource time) {
    return new InMemoryVault(quotaBytes, time);
  }

  /**
   * Returns the vault, for what takes one.
   *
   * @return it; this closes it
   */
  public Vault vault() {
    return vault;
  }

  /**
   * Returns its root, for what takes a directory.
   *
   * @return the directory {@code /}
   */
  public Path root() {
    return vault.root();
  }

  /**
   * Makes the disk small: a write that needs more fails, as on a full disk, whatever the quota.
   *
   * @param bytes how much it holds; what it holds already stays
   */
  public void diskBytes(long bytes) {
    medium.capacity(bytes);
  }

  /**
   * Returns how many blocks were written, or failed to be, so far.
   *
   * @return the count
   */
  public long writes() {
    return medium.writes();
  }

  /**
   * Makes one write of a block fail half done.
   *
   * @param nth which of those to come, from 1
   */
  public void failWrite(long nth) {
    medium.failAt(medium.writes() + nth);
  }

  /**
   * Makes every write and {@code force} fail, or no longer.
   *
   * @param is whether they fail
   */
  public void breakDisk(boolean is) {
    medium.broken(is);
  }

  /**
   * Returns what is on the disk, for a search that should not find anything.
   *
   * @return all of its bytes
   */
  public byte[] disk() {
    return medium.content();
  }

  /** Destroys the context's keys, as the end of a context does before it closes its parts. */
  public void destroyKeys() {
    keys.close();
  }

  /**
   * Checks that whoever opened a file or a directory has closed it.
   *
   * @throws AssertionError when one is open; it names each
   */
  public void checkNothingOpen() {
    var open = vault.openFiles();
    if (!open.isEmpty()) {
      throw new AssertionError("left open: " + String.join(", ", open));
    }
  }

  /**
   * Checks that nothing was left open, and closes the vault in any case.
   *
   * @throws AssertionError when something was
   */
  @Override
  public void close() throws IOException {
    try (keys;
        vault) {
      if (vault.fileSystem().isOpen()) {
        checkNothingOpen();
      }
    }
  }
}
