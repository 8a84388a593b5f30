package dev.cloister.sandbox.host;

import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.HeldDirectory;
import dev.cloister.sandbox.fuse.FuseMount;
import dev.cloister.sandbox.fuse.FuseSupport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The directory in which a host mounts what its functions write: held by this host alone, and
 * without the mounts of a killed one. For any number of threads.
 */
final class CellMounts implements AutoCloseable {
  private final HeldDirectory directory;
  private final ThreadFactory threads;
  private final AtomicLong made = new AtomicLong();

  private CellMounts(HeldDirectory directory, ThreadFactory threads) {
    this.directory = directory;
    this.threads = threads;
  }

  /**
   * Takes a directory, or makes it; what a dead host left mounted in it is taken away.
   *
   * @param threads makes a platform thread for each mount, which ends with it
   * @throws IOException when this process cannot mount, with what it lacks, or functions could not
   *     get to the directory
   */
  static CellMounts in(Path directory, ThreadFactory threads) throws IOException {
    var support = FuseSupport.here();
    if (!support.available()) {
      throw new IOException(
          "functions cannot have files mounted: "
              + String.join("; ", support.lacks())
              + "; or leave mounts(…) out: they keep what they store by the cell's API");
    }
    var _ = FuseMount.clearStale(directory);
    var held = HeldDirectory.open(directory, "mount");
    try {
      requirePassable(held.path().toRealPath());
      return new CellMounts(held, threads);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, held::close);
      throw e;
    }
  }

  /** A function has a user of its own, who must get to its mount. */
  private static void requirePassable(Path directory) throws IOException {
    for (var at = directory; at != null; at = at.getParent()) {
      var permissions = Files.getPosixFilePermissions(at, LinkOption.NOFOLLOW_LINKS);
      if (!permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new IOException(
            "%s cannot be passed by a function's user, so nothing below it can be its directory: chmod"
                    .formatted(at)
                + " o+x, or name another directory for mounts");
      }
    }
  }

  /** Mounts a directory of a vault; a thread serves it until the mount is closed. */
  FuseMount mount(Path root) throws IOException {
    var place = directory.path().resolve(made.incrementAndGet() + ".mount");
    var mount = FuseMount.of(root).mountedAt(place);
    try {
      threads.newThread(mount::serve).start();
      return mount;
    } catch (RuntimeException | Error e) {
      Failures.undo(e, mount::close);
      throw e;
    }
  }

  /** Gives the directory back. */
  @Override
  public void close() throws IOException {
    directory.close();
  }
}
