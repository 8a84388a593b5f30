package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Store;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.key.KeyRing;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * An encrypted file system that dies with its key: nobody reads, and no change, swap, truncation,
 * loss or return to an earlier time of what is on the disk goes unnoticed, as long as the key
 * lives; when it is closed nothing is left. What it does not hide: how much there is in all (in
 * runs of 4 to 64 KiB), and which of them is written when. Nor does it outlive its process: names,
 * sizes, and the place and version of each block are in memory alone.
 *
 * <p>Files are used through {@link #fileSystem}, which does as the JDK's own on Linux does for
 * root: {@code FileChannel}s, append, sparse files, hard and symbolic links, atomic moves, files
 * that are read on after they were deleted, POSIX permissions (kept, and obeyed by nobody). There
 * is no mapping, locking or watching, one owner, and reading sets no time. A path is absolute or
 * relative to the root. A write that fails leaves each block as it was or as it was to be; {@code
 * force} returns when the host's disk has it all. Reading what someone else changed throws {@link
 * dev.cloister.core.CorruptStorage}; running out of the quota, {@link VaultFull}; a use after the
 * end of the keys, {@link dev.cloister.core.ContextDestroyed}, and after {@link #close}, what NIO
 * throws.
 *
 * <p>The quota counts each block at the 4, 8, 16, 32 or 64 KiB that it takes on the disk, and 4096
 * bytes for each name, with the length of a symbolic link's target. While a block is replaced, old
 * and new are on the disk together. In memory a stored block takes about 150 bytes, a name about
 * 500, an open file one block. For any number of threads.
 */
public final class Vault implements Store {
  private final BlockStore store;
  private final Quota quota;
  private final OpenFiles openFiles;
  private final VaultFileSystem fileSystem;
  private volatile boolean isClosed;

  private Vault(BlockMedium medium, VaultPlan plan, Supplier<KeyRing> keys, TimeSource time) {
    this.store = new BlockStore(medium, keys);
    this.quota = new Quota(plan.quotaBytes());
    this.openFiles = new OpenFiles(plan.openFiles());
    this.fileSystem =
        new VaultFileSystem(this, store, new Tree(store, quota, time), quota, openFiles);
  }

  /**
   * Declares a vault.
   *
   * @param directory where it keeps its blocks; made when it is not there, and no other vault may
   *     have it open
   * @return a plan with the default quota
   */
  public static VaultPlan in(Path directory) {
    return new VaultPlan(directory, VaultPlan.QUOTA_BYTES_DEFAULT, VaultPlan.OPEN_FILES_DEFAULT);
  }

  /**
   * Opens a vault on a medium of the caller's. The first of a process takes up to a second, in
   * which the cipher becomes fast.
   *
   * @param medium where the blocks go; the vault closes it
   * @param plan with what quota; its directory is left alone
   * @param keys gives the ring that the vault's key is made from, when one is needed
   * @param time what files' times are told by
   * @return the vault
   */
  public static Vault over(
      BlockMedium medium, VaultPlan plan, Supplier<KeyRing> keys, TimeSource time) {
    var _ = WarmUp.run(TimeSource.system());
    return new Vault(medium, plan, keys, time);
  }

  /**
   * Returns its files.
   *
   * @return a file system that is installed nowhere; closing it closes this
   */
  public FileSystem fileSystem() {
    return fileSystem;
  }

  /**
   * Returns its root.
   *
   * @return the directory {@code /}
   */
  public Path root() {
    return fileSystem.getPath("/");
  }

  /**
   * Returns how much of the quota is used.
   *
   * @return bytes
   */
  public long usedBytes() {
    return quota.used();
  }

  /**
   * Returns which files and directories are open.
   *
   * @return the path of each, as often as it is open
   */
  public List<String> openFiles() {
    return openFiles.all().stream().map(Object::toString).sorted().toList();
  }

  boolean isOpen() {
    return !isClosed;
  }

  /** Destroys the key, removes the blocks, and closes what is open. A second call does nothing. */
  @Override
  public void close() throws IOException {
    synchronized (store) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    var failures = new Failures();
    failures.run(store::close);
    for (Closeable left : openFiles.all()) {
      failures.run(left::close);
    }
    failures.throwFirst();
  }

  /** Says how full it is, and nothing of what is in it. */
  @Override
  public String toString() {
    return "Vault[%d of %d bytes used]".formatted(quota.used(), quota.bytes());
  }
}
